"""Drawings for clothing."""

# ruff: noqa: E501  (paths of SVG)

from torg.imports.demo.shapes.shape import Shape

CLOTHING_SHAPES = {
    "t-shirt": Shape(
        """
<path d="M148 72q52 34 104 0l54 24q12 6 18 20l30 74-56 26-18-36v150q0 16-16 16H136q-16 0-16-16V180l-18 36-56-26 30-74q6-14 18-20z" fill="$c"/>
<path d="M252 72l54 24q12 6 18 20l30 74-56 26-18-36v150q0 16-16 16h-30q18-140 18-274z" fill="#000" opacity=".07"/>
<path d="M148 72q52 34 104 0l-8-4q-44 22-88 0z" fill="$e"/><path d="M146 73q54 40 108 0" fill="none" stroke="$d" stroke-width="9"/>
<path d="M120 180l4-34M280 180l-4-34" stroke="$d" stroke-width="4" stroke-linecap="round"/><path d="M52 186l54 25M348 186l-54 25M124 334h152" stroke="$d" stroke-width="3" opacity=".7"/>
""",
        None, (200, 120),
    ),
    "shirt": Shape(
        """
<path d="M152 66h96l52 24q14 6 18 22l30 142q2 10-8 12l-36 8q-8 2-10-8l-16-70v134q0 16-16 16H138q-16 0-16-16V196l-16 70q-2 10-10 8l-36-8q-10-2-8-12l30-142q4-16 18-22z" fill="$c"/>
<path d="M248 66l52 24q14 6 18 22l30 142q2 10-8 12l-36 8q-8 2-10-8l-16-70v134q0 16-16 16h-28q16-140 10-250z" fill="#000" opacity=".07"/>
<path d="M200 100v246" stroke="$d" stroke-width="3"/><path d="M186 108v238" stroke="$d" stroke-width="2" opacity=".5"/><path d="M152 66l48 40 48-40-10-12h-76z" fill="$e"/><path d="M158 52l42 52-36 30-26-62zM242 52l-42 52 36 30 26-62z" fill="$l"/>
<g fill="$i" stroke="$d" stroke-width="1.500"><circle cx="193" cy="148" r="5"/><circle cx="193" cy="192" r="5"/><circle cx="193" cy="236" r="5"/><circle cx="193" cy="280" r="5"/><circle cx="193" cy="324" r="5"/></g>
<path d="M222 158h44v38q0 6-6 8l-16 6-16-6q-6-2-6-8z" fill="$d" opacity=".45"/><path d="M122 196l4-40M278 196l-4-40" stroke="$d" stroke-width="4" stroke-linecap="round"/>
""",
        None, (210, 130),
    ),
    "sweater": Shape(
        """
<path d="M150 74h100l46 18q16 6 20 24l34 158q2 10-8 12l-34 8q-10 2-12-8l-18-80v124H122V206l-18 80q-2 10-12 8l-34-8q-10-2-8-12l34-158q4-18 20-24z" fill="$c"/>
<path d="M250 74l46 18q16 6 20 24l34 158q2 10-8 12l-34 8q-10 2-12-8l-18-80v124h-46q18-130 18-256z" fill="#000" opacity=".07"/>
<path d="M122 316h156v22q0 8-8 8H130q-8 0-8-8z" fill="$d"/><path d="M50 262l54 12-3 12q-2 10-11 8l-32-8q-10-2-8-12zM350 262l-54 12 3 12q2 10 11 8l32-8q10-2 8-12z" fill="$d"/>
<ellipse cx="200" cy="76" rx="52" ry="22" fill="$d"/><ellipse cx="200" cy="72" rx="38" ry="13" fill="$e"/>
<g stroke="$l" stroke-width="5" fill="none" stroke-linecap="round" opacity=".8"><path d="M168 128q-14 16 0 32t0 32-0 32 0 32-0 32M200 128q-14 16 0 32t0 32 0 32 0 32 0 32M232 128q-14 16 0 32t0 32 0 32 0 32 0 32"/></g>
<g stroke="$c" stroke-width="2"><path d="M140 318v26M158 318v26M176 318v26M194 318v26M212 318v26M230 318v26M248 318v26M264 318v26"/></g>
""",
        None, (200, 150),
    ),
    "beanie": Shape(
        """
<circle cx="200" cy="86" r="30" fill="$l"/><g stroke="$i" stroke-width="4" stroke-linecap="round" opacity=".6"><path d="M200 70v14M184 82l10 8M216 82l-10 8M192 104l6-8M210 104l-6-8"/></g>
<path d="M92 256q-6-152 108-152t108 152z" fill="$c"/><path d="M238 110q76 30 70 146h-52q10-90-18-146z" $sh/>
<g stroke="$d" stroke-width="4" fill="none" opacity=".6"><path d="M124 250q-4-90 46-136M160 250q-2-90 28-142M240 250q2-90-28-142M276 250q4-90-46-136M200 250V106"/></g>
<rect x="80" y="238" width="240" height="66" rx="22" fill="$l"/><path d="M270 238h28q22 0 22 22v22q0 22-22 22h-28z" $sh/><g stroke="$d" stroke-width="4" opacity=".55"><path d="M108 244v54M132 242v58M156 242v58M180 242v58M204 242v58M228 242v58M252 242v58M276 242v58M298 246v50"/></g>
""",
        None, (170, 240),
    ),
    "jacket": Shape(
        """
<path d="M150 62h100l54 28q14 8 18 24l28 148q2 10-8 12l-38 8q-8 2-10-8l-14-64v120q0 16-16 16H136q-16 0-16-16V210l-14 64q-2 10-10 8l-38-8q-10-2-8-12L78 114q4-16 18-24z" fill="$c"/>
<path d="M250 62l54 28q14 8 18 24l28 148q2 10-8 12l-38 8q-8 2-10-8l-14-64v120q0 16-16 16h-32q22-140 18-284z" fill="#000" opacity=".08"/>
<path d="M150 62l50 44 50-44-12-10h-76z" fill="$e"/><path d="M154 50l46 58-40 34-30-66zM246 50l-46 58 40 34 30-66z" fill="$d"/><path d="M200 108v238" stroke="$e" stroke-width="4"/>
<path d="M138 236h46v62h-46zM216 236h46v62h-46z" fill="$d" opacity=".6"/><path d="M138 236h46v14h-46zM216 236h46v14h-46z" fill="$d"/><path d="M222 162h40v44h-40z" fill="$d" opacity=".6"/><path d="M222 162h40v12h-40z" fill="$d"/>
<g fill="$m"><circle cx="208" cy="140" r="5"/><circle cx="208" cy="186" r="5"/><circle cx="208" cy="232" r="5"/><circle cx="208" cy="278" r="5"/><circle cx="208" cy="322" r="5"/></g><path d="M120 210l4-46M280 210l-4-46" stroke="$e" stroke-width="4" stroke-linecap="round" opacity=".6"/>
""",
        None, (200, 140),
    ),
    "trousers": Shape(
        """
<path d="M128 48h144l24 296q1 12-11 12h-52q-11 0-12-11l-21-181-21 181q-1 11-12 11h-52q-12 0-11-12z" fill="$c"/>
<path d="M240 48h32l24 296q1 12-11 12h-32z" fill="#000" opacity=".08"/><path d="M128 48h144l2 26H126z" fill="$d"/>
<path d="M200 74v90M200 74q22 10 20 50" fill="none" stroke="$d" stroke-width="4"/><path d="M128 76q6 38 36 44M272 76q-6 38-36 44" fill="none" stroke="$d" stroke-width="4"/><circle cx="200" cy="61" r="6" fill="$i"/>
<path d="M148 44v34M236 44v34" stroke="$e" stroke-width="7" opacity=".5"/><path d="M150 150l-12 200M250 150l12 200" stroke="$d" stroke-width="3" opacity=".5"/><path d="M106 326h74M220 326h74" stroke="$d" stroke-width="3"/>
""",
        None, (200, 110),
    ),
    "dress": Shape(
        """
<path d="M158 44q-2 30 6 44 36 22 72 0 8-14 6-44l20 4q4 60 2 84-6 20-10 42l66 154q6 14-8 18-112 24-224 0-14-4-8-18l66-154q-4-22-10-42-2-24 2-84z" fill="$c"/>
<path d="M242 44l20 4q4 60 2 84-6 20-10 42l66 154q6 14-8 18-34 8-70 10-2-90-10-182 10-20 10-130z" fill="#000" opacity=".07"/>
<path d="M145 172q55 14 110 0l2 16q-57 16-114 0z" fill="$d"/><g stroke="$d" stroke-width="4" stroke-linecap="round" opacity=".6" fill="none"><path d="M164 198l-38 140M186 200l-12 148M214 200l12 148M236 198l38 140"/></g>
<path d="M158 44q-2 30 6 44 36 22 72 0 8-14 6-44" fill="none" stroke="$l" stroke-width="6"/>
""",
        None, (200, 140),
    ),
    "sneaker": Shape(
        """
<path d="M64 178q30 20 66 0l26-16q14-8 24 8 34 46 92 60 70 12 76 48v12H58q-6-60 6-112z" fill="$c"/><path d="M64 178q30 20 66 0l14-9q4 60-10 121H58q-6-60 6-112z" fill="$d"/>
<path d="M272 230q70 12 76 48v12h-90q0-30 14-60z" fill="$l"/><path d="M54 284h300q8 0 8 10v8q0 18-18 18H72q-18 0-18-18z" fill="$i"/><path d="M54 304h308q-2 16-18 16H72q-16 0-18-16z" fill="#000" opacity=".12"/>
<g stroke="$i" stroke-width="8" stroke-linecap="round"><path d="M176 184l-26 18M194 204l-26 20M216 220l-24 22M240 232l-20 22"/></g><path d="M150 276q30-10 40-34M176 278q30-8 42-30" fill="none" stroke="$p" stroke-width="6" stroke-linecap="round"/>
""",
        (204, 150), (210, 230),
    ),
    "boot": Shape(
        """
<path d="M118 78h120l4 118q22 30 70 40 42 10 42 44v18H112q-4-120 6-220z" fill="$c"/><path d="M200 78h38l4 118q22 30 70 40 42 10 42 44v18h-90q-54-90-64-220z" fill="#000" opacity=".07"/>
<path d="M112 68h130q8 0 8 10v14H108V78q0-10 4-10z" fill="$d"/><path d="M112 256q-2 22 0 42h70q-8-42-70-42z" fill="$d"/><path d="M312 236q42 10 42 44v18h-70q0-40 28-62z" fill="$d" opacity=".7"/>
<path d="M108 292h248v14q0 14-14 14h-96l-14-8h-30v8h-80q-14 0-14-14z" fill="$k"/><path d="M108 292h248v7H108z" fill="$w"/>
<g stroke="$i" stroke-width="6" stroke-linecap="round"><path d="M214 116l38 2M216 144l32 2M220 172l30 4M230 198l32-2M248 216l26-12"/></g><path d="M116 60q14-26 26 6" fill="none" stroke="$d" stroke-width="8"/>
""",
        (226, 136), (240, 180),
    ),
    "socks": Shape(
        """
<g transform="translate(-34 -6) rotate(-6 200 200)"><path d="M150 60h84v150q0 16 14 26l48 36q26 22 10 48-18 26-50 12l-88-48q-22-14-20-40z" fill="$d"/><path d="M150 60h84v34h-84z" fill="$e"/></g>
<g transform="translate(20 6)"><path d="M150 60h84v150q0 16 14 26l48 36q26 22 10 48-18 26-50 12l-88-48q-22-14-20-40z" fill="$c"/><path d="M150 60h84v34h-84z" fill="$l"/><g stroke="$d" stroke-width="3"><path d="M164 62v30M178 62v30M192 62v30M206 62v30M220 62v30"/></g>
<path d="M148 236q2-36 46-26 24 10 10 40l-34 24q-22-12-22-38z" fill="$l"/><path d="M280 260l16 12q26 22 10 48-18 26-50 12l-12-7q34-16 36-65z" fill="$l"/><path d="M150 118h84M150 142h84" stroke="$i" stroke-width="9" opacity=".85"/></g>
""",
        None, (220, 120),
    ),
    "scarf": Shape(
        """
<path d="M226 132l76 166q6 14-8 20l-40 18q-12 4-18-8l-62-150z" fill="$d"/><g stroke="$d" stroke-width="6" stroke-linecap="round"><path d="M246 332l8 26M262 326l8 26M278 318l8 26M294 312l8 26"/></g>
<path d="M140 150h74v188h-74z" fill="$c"/><path d="M190 150h24v188h-24z" $sh/><path d="M140 250h74M140 268h74M140 302h74" stroke="$i" stroke-width="8" opacity=".85"/><g stroke="$c" stroke-width="6" stroke-linecap="round"><path d="M146 338v26M164 338v26M182 338v26M200 338v26"/></g>
<path d="M96 132q0-78 104-78t104 78q0 58-104 58T96 132z" fill="$c"/><path d="M128 122q10-40 72-40t72 40q-16 28-72 28t-72-28z" fill="$e"/><path d="M200 190q104 0 104-58 0-24-12-42 6 62-92 72-92-10-92-60-12 88 92 88z" fill="#000" opacity=".1"/>
<path d="M112 140q14 32 76 38" fill="none" stroke="#fff" stroke-opacity=".25" stroke-width="8" stroke-linecap="round"/>
""",
        None, (180, 180),
    ),
}  # fmt: skip
