"""Drawings for desk and play."""

# ruff: noqa: E501  (paths of SVG)

from torg.imports.demo.shapes.shape import Shape

DESK_SHAPES = {
    "notebook": Shape(
        """
<g transform="rotate(-7 200 200)"><rect x="104" y="62" width="204" height="284" rx="10" fill="$e"/><rect x="108" y="60" width="196" height="280" rx="6" fill="#f6f1e7"/><path d="M300 66v270M296 66v270" stroke="#d8cfbd" stroke-width="1.500"/>
<rect x="96" y="56" width="200" height="280" rx="10" fill="$c"/><path d="M106 56h18v280h-18q-10 0-10-10V66q0-10 10-10z" fill="$d"/><path d="M262 56h12v280h-12z" fill="$e"/><rect x="146" y="112" width="92" height="58" rx="4" fill="$i"/><path d="M162 134h60M172 150h40" stroke="$e" stroke-width="4" stroke-linecap="round"/>
<path d="M196 336v34l9-8 9 8v-34z" fill="#cf5b44"/><path d="M136 70v240" stroke="#fff" stroke-opacity=".18" stroke-width="6" stroke-linecap="round"/></g>
""",
        None, (180, 150),
    ),
    "pen": Shape(
        """
<g transform="rotate(45 200 200)"><path d="M184 316h32l-10 40q-6 12-12 0z" fill="$m"/><path d="M200 322v40" stroke="$n" stroke-width="2"/><rect x="180" y="288" width="40" height="30" rx="4" fill="$d"/>
<rect x="176" y="150" width="48" height="140" rx="4" fill="$c"/><rect x="174" y="26" width="52" height="128" rx="20" fill="$c"/><path d="M206 26q20 4 20 20v108h-2v136q0 4-4 4h-14z" $sh/><rect x="174" y="146" width="52" height="12" rx="3" fill="$m"/>
<path d="M200 44h8v84q0 8-8 8-4 0-4-6V50q0-6 4-6z" fill="$m"/><rect x="183" y="60" width="7" height="70" rx="3.500" $hi/><rect x="183" y="168" width="7" height="104" rx="3.500" $hi/></g>
""",
        None, (170, 240),
    ),
    "desk-lamp": Shape(
        """
<path d="M72 190l-50 130h190l-64-100z" fill="#ffe9b0" opacity=".4"/><path d="M268 308l-46-130M222 178l-92-56" fill="none" stroke="$n" stroke-width="11" stroke-linecap="round"/><circle cx="222" cy="178" r="13" fill="$d"/>
<path d="M150 88q14 4 10 20l-18 30q-8 14-22 6z" fill="$e"/><path d="M148 102q-48-4-82 42-16 24-10 40l98 52q16-6 22-32 14-58-28-102z" fill="$c"/><path d="M56 184l98 52q16-6 22-32z" fill="$d"/><path d="M60 178q38-2 96 40l-4 18z" fill="#fff1c4"/>
<path d="M92 140q20-22 46-22" fill="none" stroke="#fff" stroke-opacity=".35" stroke-width="9" stroke-linecap="round"/><path d="M206 306q0-14 14-14h96q14 0 14 14v4q0 10-10 10H216q-10 0-10-10z" fill="$c"/><path d="M206 308h124v2q0 10-10 10H216q-10 0-10-10z" $sh/>
""",
        (268, 76), (150, 160),
    ),
    "organiser": Shape(
        """
<path d="M160 190l-22-112 14-10 26 118z" fill="#dcae3c"/><path d="M138 78l2-22 12 12z" fill="$i"/><path d="M188 190V62h18v128z" fill="#cf5b44"/><path d="M188 62l9-24 9 24z" fill="$i"/><path d="M194 48l3-10 3 10z" fill="$k"/>
<path d="M214 190l22-100 16 4-20 98z" fill="#507095"/><path d="M236 90q-2-26 14-38 10 18 2 42z" fill="#2f405c"/><circle cx="264" cy="112" r="15" fill="none" stroke="$n" stroke-width="8"/><path d="M256 124l-22 66" stroke="$n" stroke-width="8"/>
<path d="M128 180h144v112q0 28-28 28h-88q-28 0-28-28z" fill="$c"/><path d="M236 180h36v112q0 28-28 28h-34q26-8 26-40z" $sh/><ellipse cx="200" cy="180" rx="72" ry="13" fill="$l"/><path d="M138 180q62 18 124 0 0 9-62 9t-62-9z" fill="$e"/>
<path d="M128 222h144M128 232h144" stroke="$d" stroke-width="4" opacity=".7"/><path d="M146 210v80" stroke="#fff" stroke-opacity=".28" stroke-width="10" stroke-linecap="round"/>
""",
        (200, 80), (200, 190),
    ),
    "headphones": Shape(
        """
<path d="M94 232q-10-158 106-158t106 158" fill="none" stroke="$d" stroke-width="20" stroke-linecap="round"/><path d="M126 124q26-50 74-50t74 50" fill="none" stroke="$c" stroke-width="26" stroke-linecap="round"/>
<path d="M94 186v50M306 186v50" stroke="$m" stroke-width="9" stroke-linecap="round"/><rect x="62" y="206" width="62" height="114" rx="29" fill="$c"/><rect x="276" y="206" width="62" height="114" rx="29" fill="$c"/>
<rect x="114" y="214" width="28" height="98" rx="14" fill="$k"/><rect x="258" y="214" width="28" height="98" rx="14" fill="$k"/><rect x="310" y="206" width="28" height="114" rx="14" $sh/><rect x="74" y="236" width="9" height="54" rx="4.500" $hi/><path d="M142 112q22-28 50-30" fill="none" stroke="#fff" stroke-opacity=".3" stroke-width="7" stroke-linecap="round"/>
""",
        (200, 128), (120, 220),
    ),
    "speaker": Shape(
        """
<rect x="112" y="60" width="176" height="260" rx="30" fill="$c"/><path d="M244 60h14q30 0 30 30v200q0 30-30 30h-14z" $sh/><rect x="126" y="74" width="148" height="232" rx="20" fill="$d" opacity=".5"/>
<circle cx="200" cy="226" r="58" fill="$e"/><circle cx="200" cy="226" r="44" fill="$k"/><circle cx="200" cy="226" r="18" fill="$d"/><path d="M164 210q10-18 30-24" fill="none" stroke="#fff" stroke-opacity=".3" stroke-width="6" stroke-linecap="round"/><circle cx="200" cy="122" r="28" fill="$e"/><circle cx="200" cy="122" r="17" fill="$k"/><circle cx="200" cy="122" r="6" fill="$d"/>
<rect x="186" y="46" width="28" height="16" rx="6" fill="$w"/>
""",
        (200, 98), (200, 200),
    ),
    "toy-car": Shape(
        """
<path d="M112 206q16-72 60-72h44q40 0 66 72z" fill="$d"/><path d="M132 204q12-52 42-52h16v52zM202 204v-52h14q26 0 44 52z" fill="#dcecf1"/><path d="M132 204q12-52 42-52h6l-22 52z" fill="#fff" opacity=".5"/>
<path d="M44 236q0-36 36-36h218q58 8 58 52v20q0 12-12 12H56q-12 0-12-12z" fill="$c"/><path d="M44 258h312v14q0 12-12 12H56q-12 0-12-12z" $sh/><path d="M60 222h230" stroke="$i" stroke-width="8" stroke-linecap="round" opacity=".85"/><circle cx="338" cy="240" r="10" fill="#ffe3a0"/>
<circle cx="112" cy="280" r="40" fill="$k"/><circle cx="112" cy="280" r="22" fill="$w"/><circle cx="112" cy="280" r="7" fill="$x"/><circle cx="288" cy="280" r="40" fill="$k"/><circle cx="288" cy="280" r="22" fill="$w"/><circle cx="288" cy="280" r="7" fill="$x"/>
""",
        (200, 156), (270, 230),
    ),
    "ball": Shape(
        """
<circle cx="200" cy="206" r="114" fill="$c"/><path d="M200 92q-152 20-88 194-28-40-26-82 4-92 114-112z" fill="$d"/><path d="M200 92q-96 74-58 212-20-10-30-22-58-156 88-190z" fill="$i"/><path d="M200 92q10 120 8 228-40 0-66-16-34-140 58-212z" fill="$l"/>
<path d="M200 92q82 60 62 208-24 20-54 20 2-110-8-228z" fill="$i"/>
<path d="M236 98a114 114 0 0 1-36 222q110-60 36-222z" $sh/><circle cx="200" cy="94" r="13" fill="$d"/><path d="M118 168q14-34 44-50" fill="none" stroke="#fff" stroke-opacity=".5" stroke-width="10" stroke-linecap="round"/>
""",
        (200, 92), (170, 150),
    ),
}  # fmt: skip
