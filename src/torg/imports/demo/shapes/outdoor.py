"""Drawings for outdoor and garden."""

# ruff: noqa: E501  (paths of SVG)

from torg.imports.demo.shapes.shape import Shape

OUTDOOR_SHAPES = {
    "backpack": Shape(
        """
<path d="M168 72q0-34 32-34t32 34" fill="none" stroke="$e" stroke-width="10"/><path d="M112 150q-26 20-22 130M288 150q26 20 22 130" fill="none" stroke="$e" stroke-width="16" stroke-linecap="round"/>
<path d="M108 158q0-92 92-92t92 92v130q0 32-32 32H140q-32 0-32-32z" fill="$c"/><path d="M232 72q60 16 60 86v130q0 32-32 32h-34q26-10 26-50 0-120-20-198z" $sh/>
<path d="M108 162q0-96 92-96t92 96q-92 36-184 0z" fill="$l"/><path d="M108 162q92 36 184 0" fill="none" stroke="$d" stroke-width="5"/>
<path d="M134 226h132v62q0 18-18 18h-96q-18 0-18-18z" fill="$d"/><path d="M134 226h132v16H134z" fill="$e" opacity=".5"/><path d="M160 130v62M240 130v62" stroke="$x" stroke-width="11"/><rect x="152" y="178" width="16" height="22" rx="3" fill="$m"/><rect x="232" y="178" width="16" height="22" rx="3" fill="$m"/>
<rect x="180" y="258" width="40" height="22" rx="4" fill="$w"/>
""",
        (200, 98), (200, 190),
    ),
    "tote": Shape(
        """
<path d="M152 150q-4-104 48-104t48 104" fill="none" stroke="$d" stroke-width="12"/><path d="M92 142h216l14 164q1 14-14 14H92q-15 0-14-14z" fill="$c"/><path d="M258 142h50l14 164q1 14-14 14h-46z" fill="#000" opacity=".08"/>
<path d="M92 142h216l1 16H91z" fill="$d"/><path d="M146 142h12v34h-12zM242 142h12v34h-12z" fill="$x"/>
<circle cx="200" cy="234" r="40" fill="$i" opacity=".9"/><path d="M200 262q-2-30 0-52M200 240q-20-2-22-22 20 0 22 22zM200 228q20-2 22-22-20 0-22 22z" fill="$c" stroke="$c" stroke-width="3"/>
""",
        (200, 118), (180, 190),
    ),
    "duffel": Shape(
        """
<path d="M120 190q4-86 80-86t80 86" fill="none" stroke="$e" stroke-width="11"/>
<path d="M50 214q0-44 44-44h212q44 0 44 44v62q0 44-44 44H94q-44 0-44-44z" fill="$c"/><path d="M306 170q44 0 44 44v62q0 44-44 44h-34q30-70 0-150z" $sh/>
<path d="M94 170q-44 0-44 44v62q0 44 44 44h8q-28-74 0-150z" fill="$d"/><path d="M96 190h208" stroke="$e" stroke-width="6"/><path d="M96 190h208" stroke="$m" stroke-width="2" stroke-dasharray="4 4"/>
<path d="M120 170h18v150h-18zM262 170h18v150h-18z" fill="$x"/><rect x="160" y="222" width="80" height="60" rx="8" fill="$d" opacity=".7"/><path d="M160 230q0-8 8-8h64q8 0 8 8v8h-80z" fill="$e" opacity=".5"/><circle cx="308" cy="190" r="7" fill="$m"/>
""",
        (200, 140), (200, 230),
    ),
    "tent": Shape(
        """
<path d="M200 88L34 320h332z" fill="$c"/><path d="M200 88l166 232h-92z" fill="$d"/><path d="M200 88l-60 232h134z" fill="$e"/><path d="M200 88l-60 232h44q26-120 16-232z" fill="$l"/><path d="M200 88l74 232h-34q-34-110-40-232z" fill="$c"/>
<path d="M200 88l-12-28M200 88l12-28" stroke="$w" stroke-width="7" stroke-linecap="round"/><path d="M46 304L14 320M354 304l32 16" stroke="$i" stroke-width="3"/><path d="M84 250h48M60 284h64" stroke="$l" stroke-width="4" stroke-linecap="round" opacity=".7"/>
<path d="M190 320l12-92 24 92z" fill="#ffd98a" opacity=".55"/>
""",
        (200, 176), (200, 180),
    ),
    "lantern": Shape(
        """
<circle cx="200" cy="196" r="130" fill="#ffe3a0" opacity=".3"/><path d="M138 140q0-88 62-88t62 88" fill="none" stroke="$n" stroke-width="8"/>
<path d="M164 104h72l20 36H144z" fill="$c"/><path d="M212 104h24l20 36h-30z" $sh/><path d="M180 84h40l8 20h-56z" fill="$d"/>
<rect x="146" y="140" width="108" height="122" rx="10" fill="#fff4d6" opacity=".9"/><path d="M200 168q26 34 0 62-26-28 0-62z" fill="#f6b545"/><path d="M200 194q12 18 0 34-12-16 0-34z" fill="#fff6d8"/><path d="M194 230h12v32h-12z" fill="$n"/>
<path d="M150 140v122M250 140v122" stroke="$d" stroke-width="8"/><path d="M146 180h108M146 224h108" stroke="$d" stroke-width="4" opacity=".7"/>
<path d="M136 258h128v20H136z" fill="$d"/><path d="M128 276h144l10 32q2 12-10 12H128q-12 0-10-12z" fill="$c"/><path d="M236 276h36l10 32q2 12-10 12h-30z" $sh/>
""",
        (200, 88), (200, 200),
    ),
    "bottle": Shape(
        """
<path d="M166 50q0-24 34-24t34 24" fill="none" stroke="$k" stroke-width="9"/><rect x="158" y="48" width="84" height="42" rx="9" fill="$k"/><path d="M158 68h84M158 78h84" stroke="#fff" stroke-opacity=".12" stroke-width="3"/>
<path d="M168 90h64q2 22 24 34 14 8 14 30v138q0 28-28 28h-84q-28 0-28-28V154q0-22 14-30 22-12 24-34z" fill="$c"/><path d="M220 90h12q2 22 24 34 14 8 14 30v138q0 28-28 28h-36q24-8 24-42V160q0-30-10-70z" $sh/>
<path d="M130 286h140v6q0 28-28 28h-84q-28 0-28-28z" fill="$e" opacity=".5"/><path d="M148 156v120" stroke="#fff" stroke-opacity=".3" stroke-width="11" stroke-linecap="round"/><path d="M176 222l24-34 24 34zM196 222l18-22 18 22z" fill="$i" opacity=".9"/>
""",
        (200, 78), (200, 130),
    ),
    "watering-can": Shape(
        """
<path d="M252 196q96-50 74 96" fill="none" stroke="$d" stroke-width="14" stroke-linecap="round"/><path d="M158 176q4-68 58-68t56 72" fill="none" stroke="$d" stroke-width="12"/>
<path d="M150 250L62 152l16-14 82 78z" fill="$d"/><path d="M36 150l46-40 14 22-42 36z" fill="$c"/><path d="M36 150l18 18" stroke="$e" stroke-width="5"/><g fill="$e"><circle cx="40" cy="144" r="2.500"/><circle cx="48" cy="152" r="2.500"/></g>
<path d="M142 176h136l10 130q1 14-14 14H146q-15 0-14-14z" fill="$c"/><path d="M240 176h38l10 130q1 14-14 14h-32z" $sh/><ellipse cx="210" cy="176" rx="68" ry="13" fill="$l"/><path d="M210 163q68 0 68 13t-68 13z" fill="$e" opacity=".8"/>
<path d="M136 226h148M134 288h152" stroke="$d" stroke-width="4"/><path d="M160 202l-6 78" stroke="#fff" stroke-opacity=".3" stroke-width="10" stroke-linecap="round"/>
""",
        (210, 96), (160, 200),
    ),
    "trowel": Shape(
        """
<g transform="rotate(42 200 200)"><rect x="176" y="14" width="48" height="140" rx="22" fill="$w"/><path d="M204 14q20 2 20 22v96q0 22-20 22z" $sh/><circle cx="200" cy="36" r="7" fill="$x"/><rect x="178" y="140" width="44" height="16" rx="4" fill="$n"/>
<path d="M192 156h16v44h-16z" fill="$n"/><path d="M146 200q54-18 108 0l-2 90q-8 66-52 100-44-34-52-100z" fill="$c"/><path d="M200 192q30 0 54 8l-2 90q-8 66-52 100z" $sh/><path d="M200 208v150" stroke="$d" stroke-width="5" stroke-linecap="round"/><path d="M164 220l2 70" stroke="#fff" stroke-opacity=".35" stroke-width="9" stroke-linecap="round"/></g>
""",
        None, (170, 230),
    ),
}  # fmt: skip
