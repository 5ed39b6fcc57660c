"""Drawings for bed and bath."""

# ruff: noqa: E501  (paths of SVG)

from torg.imports.demo.shapes.shape import Shape

TEXTILES_SHAPES = {
    "cushion": Shape(
        """
<path d="M84 92q116 22 232 0 14-2 12 12-22 96 0 196 2 16-14 14-114-20-228 0-16 2-14-14 22-100 0-196-2-14 12-12z" fill="$c"/>
<path d="M316 92q14-2 12 12-22 96 0 196 2 16-14 14-30-6-62-8 40-104 2-208 30-2 62-6z" $sh/>
<path d="M112 122q88 14 176 0-16 80 0 156-88-14-176 0 16-76 0-156z" fill="none" stroke="$l" stroke-width="4" stroke-dasharray="2 9" stroke-linecap="round"/>
<path d="M84 92q20 30 44 46M316 92q-20 30-44 46M84 314q20-28 44-42M316 314q-20-28-44-42" fill="none" stroke="$d" stroke-width="4" stroke-linecap="round" opacity=".7"/>
""",
        None, (130, 140),
    ),
    "blanket": Shape(
        """
<rect x="76" y="258" width="248" height="58" rx="26" fill="$d"/><rect x="76" y="206" width="248" height="58" rx="26" fill="$c"/><rect x="76" y="154" width="248" height="58" rx="26" fill="$l"/>
<path d="M300 154q24 4 24 28t-24 30q10-28 0-58zM300 206q24 4 24 28t-24 30q10-28 0-58zM300 258q24 4 24 28t-24 30q10-28 0-58z" $sh/>
<path d="M120 154v58M132 154v58M120 206v58M132 206v58M120 258v58M132 258v58" stroke="$i" stroke-width="5" opacity=".75"/><path d="M96 172h-6M250 172h30" stroke="#fff" stroke-opacity=".4" stroke-width="6" stroke-linecap="round"/>
<g stroke="$l" stroke-width="4" stroke-linecap="round"><path d="M172 208v20M186 208v24M200 208v20M214 208v24M228 208v20M242 208v24"/></g>
""",
        (200, 130), (160, 200),
    ),
    "rug": Shape(
        """
<g transform="rotate(-8 200 200)"><g stroke="$i" stroke-width="4" stroke-linecap="round"><path d="M96 58V40M116 58V40M136 58V40M156 58V40M176 58V40M196 58V40M216 58V40M236 58V40M256 58V40M276 58V40M296 58V40M304 58V40"/><path d="M96 360v-18M116 360v-18M136 360v-18M156 360v-18M176 360v-18M196 360v-18M216 360v-18M236 360v-18M256 360v-18M276 360v-18M296 360v-18M304 360v-18"/></g>
<rect x="88" y="54" width="224" height="292" rx="4" fill="$c"/><rect x="104" y="70" width="192" height="260" fill="none" stroke="$i" stroke-width="5" opacity=".8"/><rect x="116" y="82" width="168" height="236" fill="$d" opacity=".55"/>
<g fill="$i" opacity=".85"><path d="M200 104l30 34-30 34-30-34zM200 228l30 34-30 34-30-34z"/></g><g fill="$l"><path d="M200 166l30 34-30 34-30-34zM140 166l20 34-20 34-12-34zM260 166l12 34-12 34-20-34z"/></g><path d="M200 120l16 18-16 18-16-18zM200 244l16 18-16 18-16-18zM200 184l14 16-14 16-14-16z" fill="$e"/></g>
""",
        None, (170, 160),
    ),
    "towel": Shape(
        """
<path d="M40 88h320" stroke="$w" stroke-width="14" stroke-linecap="round"/><path d="M40 92h320" stroke="$x" stroke-width="5" stroke-linecap="round" opacity=".5"/>
<path d="M104 82q0-10 12-10h168q12 0 12 10v254q0 10-10 10H114q-10 0-10-10z" fill="$c"/><path d="M104 82q0-10 12-10h168q12 0 12 10v14H104z" fill="$l"/>
<path d="M252 72h32q12 0 12 10v254q0 10-10 10h-34z" fill="#000" opacity=".07"/><path d="M104 278h192M104 290h192M104 316h192" stroke="$i" stroke-width="6" opacity=".8"/><path d="M104 303h192" stroke="$d" stroke-width="8"/>
<path d="M140 110v150M188 110v150" stroke="$d" stroke-width="3" opacity=".35"/>
""",
        None, (220, 270),
    ),
    "dispenser": Shape(
        """
<path d="M200 118V74h-58q-14 0-16 16" fill="none" stroke="$n" stroke-width="13" stroke-linecap="round" stroke-linejoin="round"/><rect x="178" y="58" width="54" height="24" rx="9" fill="$n"/>
<rect x="176" y="112" width="48" height="30" rx="6" fill="$m"/><rect x="176" y="126" width="48" height="16" rx="6" $sh/>
<path d="M156 140h88q36 6 36 52v94q0 34-34 34h-92q-34 0-34-34v-94q0-46 36-52z" fill="$c"/><path d="M244 140q36 6 36 52v94q0 34-34 34h-34q26-10 26-50V140z" $sh/>
<rect x="154" y="204" width="92" height="66" rx="4" fill="$i"/><path d="M172 228h56M182 246h36" stroke="$e" stroke-width="5" stroke-linecap="round"/><path d="M136 196v90" stroke="#fff" stroke-opacity=".3" stroke-width="10" stroke-linecap="round"/>
""",
        (200, 88), (190, 150),
    ),
    "basket": Shape(
        """
<path d="M128 172q0-84 72-84t72 84" fill="none" stroke="$d" stroke-width="13"/>
<path d="M84 168h232l-28 136q-4 16-20 16H132q-16 0-20-16z" fill="$c"/>
<g stroke="$d" stroke-width="5" opacity=".75" fill="none"><path d="M92 200h216M98 232h204M104 262h192M110 292h180"/></g>
<g stroke="$e" stroke-width="4" opacity=".4"><path d="M114 176l16 140M146 176l10 140M178 176l5 140M222 176l-5 140M254 176l-10 140M286 176l-16 140"/></g>
<rect x="74" y="156" width="252" height="26" rx="13" fill="$l"/><path d="M92 170l12-12M124 172l12-14M156 172l12-14M188 172l12-14M220 172l12-14M252 172l12-14M284 172l12-14" stroke="$d" stroke-width="5" stroke-linecap="round"/>
<path d="M252 182h62l-26 122q-4 16-20 16h-36z" fill="#000" opacity=".07"/>
""",
        (200, 98), (150, 200),
    ),
}  # fmt: skip
