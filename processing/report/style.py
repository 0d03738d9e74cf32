"""The style sheet: light and dark, narrow and wide screens, print."""

from __future__ import annotations

_LIGHT = """\
--paper: #fdfdfc; --ink: #16191d; --muted: #565e68; --grid: #e2e3df;
--first: #0b5cad; --second: #a63d0c; --third: #1a7440; --fourth: #7a3fb3; --wash: #f1f4f7"""

_DARK = """\
--paper: #111418; --ink: #e9ecef; --muted: #a4adb8; --grid: #2c333b;
--first: #74b6ff; --second: #ffa06b; --third: #6fd08c; --fourth: #c9a6ff; --wash: #1a2027"""

STYLE = f"""\
:root {{ color-scheme: light dark; {_LIGHT} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_DARK} }} }}
@media print {{ :root {{ color-scheme: light; {_LIGHT} }} }}
* {{ box-sizing: border-box }}
html {{ -webkit-text-size-adjust: 100%; scroll-behavior: smooth }}
body {{
  margin: 0 auto; max-width: 70rem; padding: 0 1.25rem 4rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}}
h1, h2, p, figure, table, ul, dl, dd {{ margin: 0; padding: 0 }}
a {{ color: var(--first); text-underline-offset: .2em; text-decoration-thickness: 1px }}
a:focus-visible, [tabindex]:focus-visible {{ outline: 2px solid var(--first); outline-offset: 3px }}
.muted, figcaption, caption {{ color: var(--muted) }}

header {{ display: grid; gap: 2rem 2.5rem; padding: 2.5rem 0; align-items: center }}
.eyebrow {{ color: var(--muted); font-size: .875rem; letter-spacing: .02em }}
h1 {{ font-size: 1.375rem; font-weight: 600; line-height: 1.3; margin: .75rem 0 .75rem }}
h1 strong {{
  display: block; font-size: clamp(3.75rem, 12vw, 5.5rem); font-weight: 650; line-height: 1;
  letter-spacing: -.035em; color: var(--first); margin: 0 0 .5rem -.04em; white-space: nowrap;
}}
.facts {{
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem 1.5rem;
  margin-top: .75rem;
}}
.facts dt {{ color: var(--muted); font-size: .8125rem }}
.facts dd {{ overflow-wrap: anywhere }}
.gate {{
  background: var(--wash); border-left: 3px solid; padding: .75rem .875rem; margin-top: 1.25rem;
}}
.gate h2 {{ font-size: 1rem }}
.gate p {{ color: var(--ink) }}
header ul {{ list-style: none; margin-top: 1.25rem; display: grid; gap: .5rem }}
header li {{ padding-left: .875rem; border-left: 3px solid var(--grid) }}
header li.better {{ border-color: var(--first); color: inherit }}
header li.worse {{ border-color: var(--second); color: inherit }}

.tiles {{
  display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1px;
  background: var(--grid); border: 1px solid var(--grid); border-radius: .5rem; overflow: hidden;
}}
.tiles div {{ background: var(--paper); padding: .875rem 1rem }}
.tiles dt {{ color: var(--muted); font-size: .875rem }}
.tiles dd {{ font-size: 1.375rem; font-weight: 600; letter-spacing: -.01em }}
.tiles dd + dd {{ color: var(--muted); font-size: .8125rem; font-weight: 400; letter-spacing: 0 }}
nav {{
  display: flex; flex-wrap: wrap; gap: .375rem 1.25rem; padding: 1.5rem 0 0; font-size: .875rem;
}}

section {{
  display: grid; gap: 1.25rem; padding: 2.5rem 0 0; margin-top: 2.5rem;
  border-top: 1px solid var(--grid);
}}
section > *, .body > * {{ min-width: 0 }}
h2 {{ font-size: 1.25rem; font-weight: 650; line-height: 1.3; letter-spacing: -.01em }}
.about p {{ color: var(--muted); font-size: .9375rem; margin-top: .5rem }}
.body {{ display: grid; gap: 1.75rem }}
.pair {{ display: grid; gap: 2rem }}

figure svg {{ display: block; width: 100%; max-width: 30rem; height: auto; overflow: visible }}
svg text {{ font-family: inherit; font-variant-numeric: tabular-nums }}
figcaption {{ font-size: .875rem; line-height: 1.5; margin-top: .75rem; max-width: 30rem }}
h3 {{ font-size: .9375rem; font-weight: 600; margin: 0 0 .5rem }}

.wide {{ overflow-x: auto }}
table {{ border-collapse: collapse; width: 100%; font-size: .9375rem; line-height: 1.45 }}
caption {{ text-align: left; font-size: .875rem; padding-bottom: .5rem }}
th, td {{
  text-align: left; vertical-align: top; padding: .5rem 1.25rem .5rem 0;
  border-bottom: 1px solid var(--grid);
}}
th:last-child, td:last-child {{ padding-right: 0 }}
thead th {{ color: var(--muted); font-weight: 500; font-size: .8125rem; vertical-align: bottom }}
tbody th {{ font-weight: 500 }}
.number {{ text-align: right }}
td.number {{ white-space: nowrap }}
tbody tr:last-child > *, tr:has(+ .note) > * {{ border-bottom: 0 }}
.note td {{ padding-top: 0; font-size: .875rem; overflow-wrap: anywhere }}
.better {{ color: var(--first) }} .worse {{ color: var(--second) }}
.id, .name {{ display: inline-block; width: max-content; overflow-wrap: anywhere }}
.id {{ max-width: min(16rem, 32vw) }} .name {{ max-width: min(16rem, 22vw) }}
td > small, th > small {{
  display: block; color: var(--muted); font-size: .8125rem; font-weight: 400;
}}
code {{
  font: .75rem/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  overflow-wrap: anywhere;
}}
.bar {{ display: flex; align-items: center; gap: .625rem; white-space: nowrap }}
.bar i {{
  display: block; height: .625rem; border-radius: .125rem; background: var(--first); opacity: .8;
  width: calc(var(--share) * 5rem); min-width: 1px;
}}

.matrix {{ max-width: 34rem; table-layout: fixed }}
.matrix th {{ overflow-wrap: anywhere }}
.matrix th, .matrix td {{
  padding: clamp(.5rem, 2vw, .75rem); border: 1px solid var(--grid); vertical-align: middle
}}
.matrix .corner, .matrix thead th, .matrix tbody th {{ border: 0; padding-left: 0 }}
.matrix td {{
  font-size: clamp(1rem, 4.4vw, 1.375rem); font-weight: 600; letter-spacing: -.01em;
  white-space: nowrap;
}}
.matrix td small {{ font-weight: 400; letter-spacing: 0; white-space: normal }}
.matrix td.correct {{ background: var(--wash); box-shadow: inset 3px 0 0 var(--first) }}
.matrix td.error {{ box-shadow: inset 3px 0 0 var(--second) }}
.matrix tbody tr:last-child > td {{ border-bottom: 1px solid var(--grid) }}
footer {{
  margin-top: 3rem; padding-top: 1.5rem; border-top: 1px solid var(--grid); color: var(--muted);
  font-size: .875rem;
}}

@media (min-width: 46rem) {{
  .pair {{ grid-template-columns: 1fr 1fr }}
  header {{ grid-template-columns: minmax(0, 1fr) minmax(0, 27rem) }}
  header > :first-child {{ grid-column: 1 / -1 }}
}}
@media (min-width: 64rem) {{
  section {{ grid-template-columns: 14rem minmax(0, 1fr); gap: 3rem }}
}}
@media (max-width: 30rem) {{
  header {{ padding-top: 2rem }}
  table {{ font-size: .875rem }}
  thead th {{ font-size: .75rem }}
  th, td {{ padding-right: .625rem }}
  .bar {{ gap: .375rem }}
  .bar i {{ width: calc(var(--share) * 2rem) }}
}}
@media print {{
  body {{ max-width: none; font-size: 10pt }}
  nav {{ display: none }}
  section, figure, tr {{ break-inside: avoid }}
  .wide {{ overflow: visible }}
}}
"""
