"""Drawings for furniture."""

# ruff: noqa: E501  (paths of SVG)

from torg.imports.demo.shapes.shape import Shape

FURNITURE_SHAPES = {
    "chair": Shape(
        """
<path d="M132 232l-12 88M268 232l12 88" stroke="$d" stroke-width="13" stroke-linecap="round"/>
<path d="M152 236l-6 70M248 236l6 70M138 282h124" stroke="$e" stroke-width="9" stroke-linecap="round"/>
<path d="M142 212l-10-136M258 212l10-136" stroke="$c" stroke-width="13" stroke-linecap="round"/>
<path d="M166 210l-5-120M200 210V90M234 210l5-120" stroke="$d" stroke-width="7"/>
<path d="M122 70q78-22 156 0l-4 32q-74-16-148 0z" fill="$c"/><path d="M126 102q74-16 148 0l1-7q-75-16-150 0z" $sh/>
<path d="M118 212q82-14 164 0l8 22q-90 14-180 0z" fill="$c"/><path d="M110 234q90 14 180 0l-2-7q-88 13-176 0z" $sh/>
""",
        (200, 96), (200, 130),
    ),
    "stool": Shape(
        """
<path d="M152 170l-30 150M248 170l30 150" stroke="$d" stroke-width="14" stroke-linecap="round"/>
<path d="M180 172l-12 128M220 172l12 128" stroke="$e" stroke-width="10" stroke-linecap="round"/>
<path d="M138 254h124" stroke="$c" stroke-width="10" stroke-linecap="round"/>
<rect x="112" y="142" width="176" height="34" rx="17" fill="$c"/><path d="M112 160q88 12 176 0-1 16-17 16H129q-16 0-17-16z" $sh/>
<path d="M134 153h90" stroke="#fff" stroke-opacity=".3" stroke-width="6" stroke-linecap="round"/>
""",
        (200, 96), (200, 180),
    ),
    "armchair": Shape(
        """
<path d="M112 286l-10 34M288 286l10 34" stroke="$w" stroke-width="13" stroke-linecap="round"/>
<path d="M116 200V118q0-42 42-42h84q42 0 42 42v82z" fill="$c"/><path d="M242 76q42 0 42 42v82h-40z" $sh/>
<path d="M200 84v108" stroke="$d" stroke-width="3"/>
<path d="M120 214h160v80H120z" fill="$d"/><rect x="114" y="198" width="172" height="50" rx="20" fill="$l"/>
<path d="M80 196q0-24 24-24t24 24v98H92q-12 0-12-12zM320 196q0-24-24-24t-24 24v98h36q12 0 12-12z" fill="$c"/>
<path d="M296 172q24 0 24 24v86q0 12-12 12h-12z" $sh/><path d="M92 200q0-14 12-14" fill="none" stroke="#fff" stroke-opacity=".4" stroke-width="6" stroke-linecap="round"/>
<path d="M80 270h240v12q0 12-12 12H92q-12 0-12-12z" $sh/>
""",
        (200, 122), (140, 190),
    ),
    "sofa": Shape(
        """
<path d="M70 288l-6 32M330 288l6 32" stroke="$w" stroke-width="12" stroke-linecap="round"/>
<path d="M62 216v-60q0-34 34-34h208q34 0 34 34v60z" fill="$c"/><path d="M200 126v80" stroke="$d" stroke-width="3"/>
<path d="M304 122q34 0 34 34v60h-32z" $sh/>
<rect x="62" y="226" width="276" height="70" fill="$d"/>
<rect x="64" y="206" width="137" height="46" rx="16" fill="$l"/><rect x="199" y="206" width="137" height="46" rx="16" fill="$l"/>
<path d="M28 208q0-22 22-22t22 22v88H40q-12 0-12-12zM372 208q0-22-22-22t-22 22v88h32q12 0 12-12z" fill="$c"/>
<path d="M350 186q22 0 22 22v76q0 12-12 12h-10z" $sh/>
<path d="M92 150q28-10 54 0 8 28 0 56-26 8-54 0-8-28 0-56z" fill="$p"/><path d="M92 150q28-10 54 0" fill="none" stroke="#fff" stroke-opacity=".5" stroke-width="3"/>
""",
        (200, 172), (120, 180),
    ),
    "table": Shape(
        """
<path d="M74 190l-18 130M326 190l18 130" stroke="$d" stroke-width="15" stroke-linecap="round"/>
<path d="M112 196l-8 106M288 196l8 106" stroke="$e" stroke-width="11" stroke-linecap="round"/>
<path d="M66 190h268v24H66z" fill="$d"/><rect x="26" y="168" width="348" height="26" rx="9" fill="$c"/>
<path d="M26 182h348v3q0 9-9 9H35q-9 0-9-9z" $sh/><path d="M44 175h150" stroke="#fff" stroke-opacity=".35" stroke-width="4" stroke-linecap="round"/>
<path d="M238 168v-20q0-10 10-10h36q10 0 10 10v20z" fill="$i"/><path d="M258 138q-16-36 2-66M266 138q4-40 22-56" fill="none" stroke="$g" stroke-width="5" stroke-linecap="round"/>
<circle cx="261" cy="70" r="13" fill="$g"/><circle cx="290" cy="80" r="11" fill="$g"/><circle cx="246" cy="96" r="9" fill="$g"/>
""",
        (200, 166), (230, 160),
    ),
    "side-table": Shape(
        """
<path d="M200 190v70" stroke="$d" stroke-width="16"/><path d="M200 250l-64 68M200 250l64 68M200 250v62" fill="none" stroke="$d" stroke-width="13" stroke-linecap="round"/>
<ellipse cx="200" cy="190" rx="112" ry="22" fill="$d"/><ellipse cx="200" cy="180" rx="112" ry="22" fill="$c"/>
<ellipse cx="200" cy="178" rx="100" ry="17" fill="$l" opacity=".5"/>
<path d="M150 166l74-4 14 14-80 5z" fill="$i"/><path d="M158 181l80-5v8l-80 5z" fill="#8b9aa5"/>
<path d="M222 128h36v34q0 10-10 10h-16q-10 0-10-10z" fill="$p"/><path d="M258 138q16 2 12 14-3 8-13 7" fill="none" stroke="$p" stroke-width="6"/><ellipse cx="240" cy="128" rx="18" ry="4" fill="$e"/>
""",
        (200, 88), (210, 170),
    ),
    "bookcase": Shape(
        """
<rect x="96" y="56" width="208" height="264" rx="8" fill="$c"/><rect x="110" y="70" width="180" height="72" fill="$e"/><rect x="110" y="154" width="180" height="72" fill="$e"/><rect x="110" y="238" width="180" height="68" fill="$e"/>
<path d="M120 90h16v52h-16z" fill="#c9705a"/><path d="M138 82h14v60h-14z" fill="$i"/><path d="M154 94h20v48h-20z" fill="#6f8fa8"/><path d="M180 142l14-52 13 4-13 48z" fill="#d8ab4a"/>
<path d="M232 142v-18q0-16 17-16t17 16v18z" fill="$i"/><path d="M249 108q-8-18 0-28M249 108q10-12 14-24" stroke="$g" stroke-width="4" fill="none"/><circle cx="249" cy="80" r="7" fill="$g"/><circle cx="265" cy="84" r="6" fill="$g"/>
<path d="M204 174h64v52h-64z" fill="$w"/><path d="M216 186h40v28h-40z" fill="$i"/><circle cx="142" cy="204" r="22" fill="#d9c1a6"/>
<path d="M122 262h18v44h-18z" fill="$i"/><path d="M142 254h14v52h-14z" fill="#7f9a78"/><path d="M158 266h22v40h-22z" fill="#c9705a"/><path d="M206 276h70v10h-70zM212 286h60v10h-60zM204 296h72v10h-72z" fill="#e2d3b8"/>
<path d="M290 56h6q8 0 8 8v248q0 8-8 8h-6z" $sh/>
""",
        (200, 112), (200, 150),
    ),
    "sideboard": Shape(
        """
<path d="M74 270l-10 50M326 270l10 50M130 274l-4 36M270 274l4 36" stroke="$x" stroke-width="10" stroke-linecap="round"/>
<rect x="38" y="160" width="324" height="118" rx="8" fill="$c"/><path d="M38 264h324v6q0 8-8 8H46q-8 0-8-8z" $sh/>
<rect x="50" y="174" width="96" height="90" rx="3" fill="$l" opacity=".6"/><rect x="152" y="174" width="96" height="90" rx="3" fill="$l" opacity=".45"/><rect x="254" y="174" width="96" height="90" rx="3" fill="$l" opacity=".6"/>
<path d="M62 174v90M74 174v90M86 174v90M98 174v90M110 174v90M122 174v90M134 174v90M266 174v90M278 174v90M290 174v90M302 174v90M314 174v90M326 174v90M338 174v90" stroke="$d" stroke-width="3"/>
<path d="M152 204h96M152 234h96" stroke="$d" stroke-width="3"/><circle cx="200" cy="190" r="4" fill="$e"/><circle cx="200" cy="219" r="4" fill="$e"/><circle cx="200" cy="249" r="4" fill="$e"/>
<path d="M86 160v-34q0-12 16-12t16 12v34z" fill="$i"/><path d="M102 114q-12-30-2-54M102 114q14-20 14-40" stroke="$g" stroke-width="4" fill="none"/><circle cx="100" cy="58" r="10" fill="$g"/><circle cx="118" cy="70" r="9" fill="$g"/>
<path d="M258 148h74v12h-74zM264 136h62v12h-62z" fill="$p"/>
""",
        (200, 162), (120, 200),
    ),
}  # fmt: skip
