/** Styles of the report: for the screen in both themes, and for paper with every group unfolded. */
export const STYLE = `:root{color-scheme:light dark;--ink:#1b2430;--dim:#5b6775;--paper:#fff;--line:#d9dfe7;--empty:#e4e8ee;--fill:#2b6cb0;--near:#8f5a00;--full:#b42318}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--dim:#9aa6b5;--paper:#14181d;--line:#323b46;--empty:#2a313a;--fill:#63a4e8;--near:#e0a940;--full:#f58a80}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.5 system-ui,sans-serif}
main{max-width:75rem;margin:0 auto;padding:1.5rem}h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
p{margin:.4rem 0}.note{color:var(--dim)}.mono,.ep{font-family:ui-monospace,monospace}.num{text-align:right;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-size:.9em}th,td{text-align:left;padding:.2rem .5rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}td.num{text-align:right}
.row{display:grid;grid-template-columns:minmax(14rem,2fr) minmax(8rem,2fr) 5rem minmax(14rem,2fr) 7rem;gap:.75rem;align-items:center;padding:.35rem .25rem}.head{font-weight:600;border-bottom:1px solid var(--line)}
.group{border-bottom:1px solid var(--line);content-visibility:auto;contain-intrinsic-size:auto 2.4rem}.group>summary{cursor:pointer}.ep,.head>:first-child{padding-left:1.1rem;position:relative}
.group>summary .ep::before{content:"▸";position:absolute;left:0;color:var(--dim)}.group[open]>summary .ep::before{content:"▾"}
.group>p{margin-left:1.35rem}.group>table{margin:0 0 .75rem 1rem;width:calc(100% - 1rem)}.ep,.ow{overflow-wrap:anywhere}.full .q span{color:var(--full);font-weight:600}.near .q span{color:var(--near);font-weight:600}
.q{display:grid;grid-template-columns:minmax(3rem,7rem) 1fr;gap:.5rem;align-items:center}.queue-bars{display:flex;gap:1px;height:1rem}
.queue-bars i{flex:1;background:linear-gradient(to top,var(--fill) calc(var(--f)*100%),var(--empty) 0)}.full .queue-bars i{background:linear-gradient(to top,var(--full) calc(var(--f)*100%),var(--empty) 0)}.queue-bars i.u{background:none;border:1px dashed var(--dim)}
li.critical strong{color:var(--full)}li.warning strong{color:var(--near)}
@media print{:root{--ink:#000;--dim:#444;--paper:#fff;--line:#bbb;--empty:#e4e8ee;--fill:#2b6cb0;--full:#b42318;--near:#8f5a00}main{max-width:none;padding:0}.group{content-visibility:visible;break-inside:avoid}details::details-content{content-visibility:visible;block-size:auto}summary .ep::before{display:none}*{print-color-adjust:exact}}
@media print,(max-width:60rem){body{font-size:12px}.row{grid-template-columns:minmax(8rem,3fr) minmax(5rem,2fr) 3.7rem minmax(8rem,2fr) 5.5rem;gap:.4rem}}
@media screen and (max-width:40rem){.row{grid-template-columns:1fr 1fr}.head{display:none}.group>table{display:block;overflow-x:auto}}`
