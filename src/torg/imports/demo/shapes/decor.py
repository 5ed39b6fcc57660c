"""Drawings for lighting and decoration."""

# ruff: noqa: E501  (paths of SVG)

from torg.imports.demo.shapes.shape import Shape

DECOR_SHAPES = {
    "table-lamp": Shape(
        """
<circle cx="200" cy="150" r="130" fill="#ffe9b0" opacity=".35"/>
<path d="M192 170h16v40h-16z" fill="$n"/><path d="M200 196q52 10 52 64 0 60-22 60h-60q-22 0-22-60 0-54 52-64z" fill="$c"/>
<path d="M218 202q34 16 34 58 0 60-22 60h-24q32-40 12-118z" $sh/><path d="M166 240q-6 28 2 56" fill="none" stroke="#fff" stroke-opacity=".3" stroke-width="9" stroke-linecap="round"/>
<path d="M150 66h100l42 112H108z" fill="$i"/><path d="M222 66h28l42 112h-54z" fill="#c9b48a" opacity=".35"/><path d="M108 178h184l-3-8H111z" fill="#e0cfa8"/>
""",
        (200, 62), (200, 180),
    ),
    "floor-lamp": Shape(
        """
<circle cx="200" cy="96" r="110" fill="#ffe9b0" opacity=".4"/>
<path d="M200 130v150" stroke="$d" stroke-width="9"/><path d="M200 190l-52 130M200 190l52 130M200 190v118" stroke="$c" stroke-width="9" stroke-linecap="round" fill="none"/>
<circle cx="200" cy="190" r="10" fill="$e"/>
<path d="M160 42h80l30 96H130z" fill="$i"/><path d="M218 42h22l30 96h-38z" fill="#c9b48a" opacity=".35"/><path d="M130 138h140l-3-8H133z" fill="$c"/>
""",
        (200, 72), (200, 130),
    ),
    "pendant": Shape(
        """
<path d="M200 0v112" stroke="$k" stroke-width="4"/><path d="M120 238l-70 150h300l-70-150z" fill="#ffe9b0" opacity=".28"/>
<path d="M184 104h32v28h-32z" fill="$n"/><path d="M90 240q4-112 110-112t110 112z" fill="$c"/><path d="M232 132q74 18 78 108h-56q4-70-22-108z" $sh/>
<ellipse cx="200" cy="240" rx="110" ry="16" fill="$d"/><ellipse cx="200" cy="241" rx="100" ry="12" fill="#fff3d1"/><ellipse cx="200" cy="240" rx="26" ry="9" fill="#fff"/>
<path d="M114 216q10-48 50-66" fill="none" stroke="#fff" stroke-opacity=".35" stroke-width="10" stroke-linecap="round"/>
""",
        None, (200, 180),
    ),
    "vase": Shape(
        """
<path d="M200 120q-6-50-34-78M200 120q2-56 14-90M200 120q14-40 48-58" fill="none" stroke="$g" stroke-width="5" stroke-linecap="round"/>
<g fill="$g"><ellipse cx="164" cy="44" rx="12" ry="20" transform="rotate(-35 164 44)"/><ellipse cx="184" cy="76" rx="8" ry="15" transform="rotate(-60 184 76)"/><ellipse cx="216" cy="30" rx="11" ry="20" transform="rotate(14 216 30)"/><ellipse cx="250" cy="62" rx="11" ry="19" transform="rotate(58 250 62)"/><ellipse cx="222" cy="78" rx="8" ry="14" transform="rotate(70 222 78)"/></g>
<path d="M174 118h52q-4 38 22 66 32 34 26 84-6 52-34 52h-80q-28 0-34-52-6-50 26-84 26-28 22-66z" fill="$c"/>
<path d="M208 118h18q-4 38 22 66 32 34 26 84-6 52-34 52h-36q42-28 34-92-4-40-30-110z" $sh/>
<ellipse cx="200" cy="118" rx="26" ry="6" fill="$e"/><path d="M150 226q-10 32 2 62" fill="none" stroke="#fff" stroke-opacity=".3" stroke-width="11" stroke-linecap="round"/>
""",
        (200, 82), (200, 190),
    ),
    "planter": Shape(
        """
<g fill="$g"><path d="M200 200q-90-20-98-118 84 10 98 118z"/><path d="M200 200q90-16 104-106-88 4-104 106z"/><path d="M200 200q-40-80 0-156 40 76 0 156z"/></g>
<path d="M200 200q-50-60-98-118M200 200q48-52 104-106M200 200V44" stroke="#fff" stroke-opacity=".25" stroke-width="3" fill="none"/><path d="M200 200q40-80 0-156v156z" fill="#000" opacity=".1"/>
<path d="M122 204h156l-18 104q-2 12-14 12h-92q-12 0-14-12z" fill="$c"/><path d="M232 204h46l-18 104q-2 12-14 12h-36q18-50 22-116z" $sh/>
<rect x="112" y="186" width="176" height="28" rx="8" fill="$l"/><path d="M122 214h156l-1 8H123z" $sh/><path d="M144 234l10 62" stroke="#fff" stroke-opacity=".25" stroke-width="10" stroke-linecap="round"/>
""",
        (200, 76), (200, 190),
    ),
    "candle": Shape(
        """
<circle cx="200" cy="122" r="76" fill="#ffdf94" opacity=".35"/><path d="M200 84q26 34 0 60-26-26 0-60z" fill="#f6b545"/><path d="M200 110q12 18 0 32-12-14 0-32z" fill="#fff1c4"/>
<path d="M200 140v34" stroke="$k" stroke-width="5" stroke-linecap="round"/>
<rect x="118" y="170" width="164" height="150" rx="18" fill="$c"/><path d="M118 176q82 22 164 0v26H118z" fill="$i" opacity=".85"/>
<ellipse cx="200" cy="172" rx="82" ry="15" fill="$l"/><ellipse cx="200" cy="174" rx="72" ry="11" fill="$i"/><ellipse cx="200" cy="174" rx="26" ry="5" fill="#ffe3a0"/>
<path d="M242 190h40v112q0 18-18 18h-40q18-6 18-30z" $sh/><rect x="152" y="228" width="96" height="56" rx="4" fill="$i"/><path d="M170 248h60M180 264h40" stroke="$e" stroke-width="4" stroke-linecap="round"/>
<rect x="130" y="206" width="9" height="90" rx="4.500" $hi/>
""",
        (200, 92), (200, 170),
    ),
    "diffuser": Shape(
        """
<path d="M196 168L150 40M198 168l-18-136M202 168l10-142M204 168l36-124M206 168l60-104" stroke="$w" stroke-width="5" stroke-linecap="round"/>
<path d="M178 150h44v34q52 10 52 66v48q0 22-22 22H148q-22 0-22-22v-48q0-56 52-66z" fill="$c"/>
<path d="M222 184q52 10 52 66v48q0 22-22 22h-34q26-8 24-44 0-60-20-92z" $sh/><rect x="172" y="140" width="56" height="18" rx="5" fill="$e"/>
<rect x="156" y="226" width="88" height="60" rx="4" fill="$i"/><path d="M174 248h52M184 264h32" stroke="$e" stroke-width="4" stroke-linecap="round"/><path d="M142 240v50" stroke="#fff" stroke-opacity=".3" stroke-width="9" stroke-linecap="round"/>
""",
        (200, 82), (200, 210),
    ),
    "mirror": Shape(
        """
<path d="M200 24l-64 62M200 24l64 62" stroke="$x" stroke-width="6" stroke-linecap="round"/><circle cx="200" cy="24" r="8" fill="$n"/>
<circle cx="200" cy="204" r="136" fill="$c"/><path d="M200 68a136 136 0 0 1 0 272 170 170 0 0 0 0-272z" $sh/><circle cx="200" cy="204" r="118" fill="#dfe9ec"/>
<path d="M100 266a118 118 0 0 1 162-162z" fill="#fff" opacity=".55"/><path d="M122 288L284 122l14 18-160 162z" fill="#fff" opacity=".5"/><circle cx="200" cy="204" r="118" fill="none" stroke="#000" stroke-opacity=".12" stroke-width="5"/>
""",
        None, (130, 130),
    ),
    "picture-frame": Shape(
        """
<rect x="92" y="56" width="216" height="284" rx="5" fill="$c"/><path d="M92 340l16-16h184V72l16-16v279q0 5-5 5z" $sh/><rect x="108" y="72" width="184" height="252" fill="$i"/>
<rect x="138" y="108" width="124" height="180" fill="#e9d8c3"/><circle cx="218" cy="160" r="24" fill="#e0905f"/><path d="M138 240q30-44 64-20t60-16v84H138z" fill="#7d9484"/><path d="M138 262q46-30 124-6v32H138z" fill="#4f6b62"/>
<path d="M108 72h150L108 254z" fill="#fff" opacity=".16"/>
""",
        None, (180, 140),
    ),
    "clock": Shape(
        """
<circle cx="200" cy="200" r="140" fill="$d"/><circle cx="200" cy="196" r="140" fill="$c"/><circle cx="200" cy="197" r="116" fill="$i"/><circle cx="200" cy="197" r="116" fill="none" stroke="#000" stroke-opacity=".1" stroke-width="6"/>
<g stroke="$k" stroke-width="6" stroke-linecap="round"><path d="M200 97v18M200 279v18M100 197h18M282 197h18"/></g><g stroke="$k" stroke-width="3" stroke-linecap="round" opacity=".6"><path d="M250 110l-6 11M287 147l-11 6M287 247l-11-6M250 284l-6-11M150 284l6-11M113 247l11-6M113 147l11 6M150 110l6 11"/></g>
<path d="M200 197l-46-40" stroke="$k" stroke-width="9" stroke-linecap="round"/><path d="M200 197l54-62" stroke="$k" stroke-width="6" stroke-linecap="round"/><path d="M200 221v-4l-4 66" stroke="#cf5b44" stroke-width="3" stroke-linecap="round"/><circle cx="200" cy="197" r="9" fill="#cf5b44"/>
""",
        None, (230, 160),
    ),
}  # fmt: skip
