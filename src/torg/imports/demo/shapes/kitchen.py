"""Drawings for kitchen and dining."""

# ruff: noqa: E501  (paths of SVG)

from torg.imports.demo.shapes.shape import Shape

KITCHEN_SHAPES = {
    "mug": Shape(
        """
<path d="M270 184c62-12 66 92-8 92" fill="none" stroke="$d" stroke-width="20" stroke-linecap="round"/>
<path d="M116 142h164v128q0 50-50 50h-64q-50 0-50-50z" fill="$c"/>
<path d="M236 142h44v128q0 50-50 50h-28q34-8 34-54z" $sh/>
<rect x="134" y="178" width="12" height="92" rx="6" $hi/>
<ellipse cx="198" cy="142" rx="82" ry="17" fill="$l"/><ellipse cx="198" cy="144" rx="70" ry="11.500" fill="$e"/>
""",
        (200, 96), (250, 210),
    ),
    "cup": Shape(
        """
<ellipse cx="200" cy="302" rx="128" ry="18" fill="$d"/><ellipse cx="200" cy="297" rx="128" ry="17" fill="$l"/>
<ellipse cx="200" cy="298" rx="64" ry="8" $sh/>
<path d="M268 206c52-8 48 58-18 52" fill="none" stroke="$d" stroke-width="14" stroke-linecap="round"/>
<path d="M126 186h148q0 72-40 110h-68q-40-38-40-110z" fill="$c"/>
<path d="M236 186h38q0 72-40 110h-26q28-40 28-110z" $sh/>
<ellipse cx="200" cy="186" rx="74" ry="14" fill="$l"/><ellipse cx="200" cy="188" rx="64" ry="9.500" fill="#5b3a29"/>
<path d="M146 210q4 36 18 58" fill="none" stroke="#fff" stroke-opacity=".25" stroke-width="9" stroke-linecap="round"/>
""",
        (200, 120), (230, 220),
    ),
    "tumbler": Shape(
        """
<path d="M124 120h152l-16 188q-1 12-13 12h-94q-12 0-13-12z" fill="$c" opacity=".55"/>
<path d="M131 190h138l-10 112h-118z" fill="$c" opacity=".55"/>
<path d="M141 300h118l-1 8q-1 12-13 12h-90q-12 0-13-12z" fill="$d" opacity=".7"/>
<path d="M238 120h38l-16 188q-1 12-13 12h-27z" $sh/>
<ellipse cx="200" cy="120" rx="76" ry="14" fill="#fff" opacity=".55"/><ellipse cx="200" cy="121" rx="68" ry="10" fill="$d" opacity=".4"/>
<ellipse cx="200" cy="190" rx="69" ry="10" fill="$l" opacity=".8"/>
<path d="M148 148l9 138" stroke="#fff" stroke-opacity=".5" stroke-width="9" stroke-linecap="round"/>
""",
        (200, 72), (200, 180),
    ),
    "carafe": Shape(
        """
<path d="M172 84h56l-6 74q2 24 30 52 24 26 20 64-4 46-34 46h-76q-30 0-34-46-4-38 20-64 28-28 30-52z" fill="$c" opacity=".55"/>
<path d="M138 226h124q14 24 10 54-6 40-34 40h-76q-28 0-34-40-4-30 10-54z" fill="$c" opacity=".6"/>
<path d="M212 84h16l-6 74q2 24 30 52 24 26 20 64-4 46-34 46h-34q32-18 30-60-4-44-20-70-8-18-2-106z" $sh/>
<ellipse cx="200" cy="226" rx="62" ry="8" fill="$l" opacity=".9"/>
<path d="M176 58h48q6 0 5 6l-4 34h-50l-4-34q-1-6 5-6z" fill="$w"/><path d="M206 58h18q6 0 5 6l-4 34h-17z" $sh/>
<path d="M146 246q-8 26 4 52" fill="none" stroke="#fff" stroke-opacity=".5" stroke-width="9" stroke-linecap="round"/>
""",
        (200, 84), (200, 140),
    ),
    "bowl": Shape(
        """
<path d="M160 300h80l8 20h-96z" fill="$d"/>
<path d="M72 196h256q0 70-66 110H138Q72 266 72 196z" fill="$c"/>
<path d="M262 196h66q0 70-66 110h-50q50-40 50-110z" $sh/>
<ellipse cx="200" cy="196" rx="128" ry="27" fill="$l"/><ellipse cx="200" cy="199" rx="114" ry="20" fill="$d"/>
<path d="M90 204q60 24 222 2-40 14-112 13-80 0-110-15z" fill="#000" opacity=".12"/>
<path d="M98 226q10 34 38 58" fill="none" stroke="#fff" stroke-opacity=".25" stroke-width="11" stroke-linecap="round"/>
""",
        (200, 100), (150, 220),
    ),
    "plate": Shape(
        """
<circle cx="200" cy="200" r="138" fill="$d"/><circle cx="200" cy="197" r="138" fill="$c"/>
<circle cx="200" cy="200" r="98" fill="$d" opacity=".55"/><circle cx="200" cy="203" r="96" fill="$l"/>
<path d="M200 59a138 138 0 0 1 0 276 160 160 0 0 0 0-276z" fill="#000" opacity=".05"/>
<path d="M88 158q24-54 76-74" fill="none" stroke="#fff" stroke-opacity=".45" stroke-width="10" stroke-linecap="round"/>
<circle cx="200" cy="197" r="133" fill="none" stroke="#fff" stroke-opacity=".25" stroke-width="2"/>
""",
        None, (270, 140),
    ),
    "saucepan": Shape(
        """
<path d="M70 214h-18q-14 0-14 14t14 14h18zM330 214h18q14 0 14 14t-14 14h-18z" fill="$d"/>
<path d="M66 186h268v90q0 44-44 44H110q-44 0-44-44z" fill="$c"/>
<path d="M268 186h66v90q0 44-44 44h-54q32-10 32-48z" $sh/>
<path d="M58 186q0-14 14-14h256q14 0 14 14t-14 12H72q-14 2-14-12z" fill="$d"/>
<path d="M82 172q14-44 118-44t118 44z" fill="$c"/><path d="M250 134q56 10 68 38h-50q4-22-18-38z" $sh/>
<path d="M188 112h24v18h-24z" fill="$n"/><rect x="174" y="98" width="52" height="18" rx="9" fill="$w"/>
<rect x="88" y="216" width="13" height="68" rx="6.500" $hi/><path d="M112 160q30-18 66-20" fill="none" stroke="#fff" stroke-opacity=".3" stroke-width="8" stroke-linecap="round"/>
""",
        (200, 140), (200, 150),
    ),
    "frying-pan": Shape(
        """
<g transform="rotate(-38 200 200)">
<rect x="246" y="186" width="160" height="28" rx="14" fill="$w"/><rect x="246" y="201" width="160" height="13" rx="6.500" $sh/>
<path d="M232 184h42v32h-42z" fill="$n"/><circle cx="390" cy="200" r="6" fill="$x"/>
<circle cx="140" cy="200" r="116" fill="$d"/><circle cx="140" cy="200" r="109" fill="$c"/><circle cx="140" cy="200" r="90" fill="$e"/>
<circle cx="140" cy="200" r="90" fill="#1f2022" opacity=".55"/>
<path d="M74 176q12-40 54-50" fill="none" stroke="#fff" stroke-opacity=".22" stroke-width="10" stroke-linecap="round"/>
</g>
""",
        None, (150, 230),
    ),
    "kettle": Shape(
        """
<path d="M118 176q-4-92 82-92t82 92" fill="none" stroke="$w" stroke-width="16" stroke-linecap="round"/>
<path d="M112 236q-34-8-46-50-4-14-22-18l-6-14q36-4 48 24 10 26 34 30z" fill="$d"/>
<path d="M116 190q12-34 84-34t84 34l24 100q6 30-24 30H116q-30 0-24-30z" fill="$c"/>
<path d="M250 164q28 8 34 26l24 100q6 30-24 30h-48q24-6 22-34-2-60-8-122z" $sh/>
<path d="M150 164q6-20 50-20t50 20q-50-12-100 0z" fill="$d"/><circle cx="200" cy="138" r="11" fill="$w"/>
<path d="M132 206l-16 78" stroke="#fff" stroke-opacity=".3" stroke-width="11" stroke-linecap="round"/>
""",
        (200, 112), (130, 200),
    ),
    "teapot": Shape(
        """
<path d="M276 200c84-20 84 90-4 84" fill="none" stroke="$d" stroke-width="17" stroke-linecap="round"/>
<path d="M124 262q-40-6-56-60-4-16-26-20l-2-12q44-6 58 26 10 24 40 26z" fill="$d"/>
<path d="M110 244q0-70 90-70t90 70q0 76-56 76h-68q-56 0-56-76z" fill="$c"/>
<path d="M244 182q46 14 46 62 0 76-56 76h-22q48-30 32-138z" $sh/>
<path d="M146 184q4-26 54-26t54 26q-54-16-108 0z" fill="$l"/><circle cx="200" cy="150" r="12" fill="$d"/>
<path d="M132 232q0 34 16 58" fill="none" stroke="#fff" stroke-opacity=".28" stroke-width="11" stroke-linecap="round"/>
""",
        (200, 92), (150, 220),
    ),
    "knife": Shape(
        """
<g transform="rotate(-45 200 200)">
<path d="M20 214q70-46 206-46v54q-140 10-206-8z" fill="$m"/><path d="M20 214q66 8 206-10v18q-140 10-206-8z" fill="#fff" opacity=".45"/>
<rect x="222" y="164" width="18" height="60" rx="4" fill="$n"/>
<path d="M238 168h124q22 0 22 22v6q0 16-16 18-70-10-130 2z" fill="$c"/><path d="M238 194h146v2q0 16-16 18-70-10-130 2z" $sh/>
<circle cx="268" cy="191" r="5" fill="$m"/><circle cx="306" cy="190" r="5" fill="$m"/><circle cx="344" cy="191" r="5" fill="$m"/>
</g>
""",
        None, (260, 140),
    ),
    "cutting-board": Shape(
        """
<path d="M172 48q0-18 18-18h20q18 0 18 18v40h-56z" fill="$c"/>
<rect x="104" y="80" width="192" height="284" rx="22" fill="$d"/><rect x="104" y="76" width="192" height="282" rx="22" fill="$c"/>
<circle cx="200" cy="56" r="10" fill="$e"/>
<path d="M140 78v278M186 90v268M232 80v278M268 84v270" stroke="$d" stroke-width="2" opacity=".7"/>
<path d="M158 150q-12 40 0 80M210 220q14 40-2 90M250 120q10 30 0 70" fill="none" stroke="$d" stroke-width="2" opacity=".6"/>
<path d="M240 76h34q22 0 22 22v238q0 22-22 22h-34z" fill="#000" opacity=".05"/><path d="M112 110v-8q0-18 18-18h50" fill="none" stroke="#fff" stroke-opacity=".35" stroke-width="4" stroke-linecap="round"/>
""",
        None, (220, 110),
    ),
    "jar": Shape(
        """
<rect x="112" y="136" width="176" height="184" rx="26" fill="$c"/><path d="M244 136h18q26 0 26 26v132q0 26-26 26h-40q22-6 22-34z" $sh/>
<rect x="120" y="94" width="160" height="40" rx="10" fill="$w"/><rect x="120" y="116" width="160" height="18" rx="8" $sh/>
<rect x="124" y="132" width="152" height="10" rx="4" fill="$i" opacity=".85"/>
<rect x="152" y="196" width="96" height="62" rx="8" fill="$i"/><path d="M168 220h64M178 236h44" stroke="$e" stroke-width="5" stroke-linecap="round"/>
<rect x="128" y="170" width="11" height="112" rx="5.500" $hi/>
""",
        (200, 98), (200, 160),
    ),
    "apron": Shape(
        """
<path d="M152 92q4-56 48-56t48 56" fill="none" stroke="$d" stroke-width="9"/>
<path d="M104 196L52 214M296 196l52 18" stroke="$d" stroke-width="9" stroke-linecap="round"/>
<path d="M150 84h100q4 62 50 98 8 80 6 158 0 14-14 14H108q-14 0-14-14-2-78 6-158 46-36 50-98z" fill="$c"/>
<path d="M250 84q4 62 50 98 8 80 6 158 0 14-14 14h-36q14-100-6-270z" fill="#000" opacity=".07"/>
<path d="M138 226h124v62q0 20-20 20h-84q-20 0-20-20z" fill="$l"/><path d="M138 226h124v12H138z" fill="$d"/><path d="M200 238v70" stroke="$c" stroke-width="4"/>
<rect x="150" y="84" width="100" height="12" fill="$d"/>
""",
        None, (200, 240),
    ),
}  # fmt: skip
