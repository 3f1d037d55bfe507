/**
 * The page's only style sheet. System fonts, no child selectors or ampersands: the page is well-formed XML too.
 * `.t` are the picture's texts: each set is shown at the width of screen or paper that it was cut for (picture/fit.ts).
 */
export const style = `
*{box-sizing:border-box}
html{color-scheme:light;-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:1144px;padding:32px 32px 48px;background:#fff;color:#1b2430;
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1,h2,h3,p,dl,dd,ol,ul,pre{margin:0;padding:0}
h1{font-size:38px;line-height:1.15;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:22px;line-height:1.3;margin:44px 0 14px;padding-bottom:6px;border-bottom:2px solid #1b2430}
h3{font-size:16px;margin:26px 0 8px}
code,pre,.id{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
small{display:block;font-weight:normal;font-size:12.5px;color:#55606d}
.quiet,.dot{color:#55606d;font-weight:normal}
.missing{margin:8px 0;color:#55606d;font-style:italic;overflow-wrap:anywhere}
.eyebrow{color:#55606d;font-size:14px;margin-bottom:6px}
.lead{font-size:18px;color:#39434f;margin-top:4px;overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:32px;margin-top:24px;align-items:start}
dl div{display:flex;gap:12px;padding:2px 0}
dt{flex:0 0 144px;color:#55606d}
dd{flex:1;min-width:0;overflow-wrap:anywhere}
.steps{background:#f4f6f9;border-left:5px solid #2c6cab;padding:16px 20px 18px}
.steps h2{margin:0 0 6px;padding:0;border:0;font-size:18px}
.steps ol{padding-left:22px}
.steps li{padding:3px 0 3px 4px}
.glance{display:grid;grid-template-columns:repeat(4,1fr);gap:24px;margin-top:30px;padding:14px 0;border:solid #d6dce2;border-width:1px 0}
.glance h3{margin:0;font-size:13px;font-weight:normal;color:#55606d}
.glance p{font-size:19px;font-weight:600;line-height:1.35;overflow-wrap:anywhere}
.glance p.quiet{font-size:13px;font-weight:normal}
.legend{font-size:13px;color:#39434f;margin-bottom:18px}
.legend span{display:inline-block;margin-right:18px;white-space:nowrap}
.legend svg{vertical-align:-2px}
.disk{margin:0 0 34px}
.disk h3{font-size:18px;margin:0}
.about{color:#39434f;margin-bottom:9px;overflow-wrap:anywhere}
.whole{display:inline-block;max-width:100%}
.tag{display:inline-block;margin-left:8px;padding:1px 9px;border-radius:9px;font-size:12.5px;font-weight:600;vertical-align:2px}
.in{background:#e0f0e4;color:#1d5c30}
.out{background:#fbe9d7;color:#7c4206}
.warn{color:#8a3d00;font-weight:600}
.bar{display:block;margin-bottom:10px}
.bar text{font-size:12px;fill:#1b2430}
.bar text.n{font-size:13px;font-weight:600}
.bar text.s{font-size:11px}
table{width:100%;table-layout:fixed;border-collapse:collapse;margin:6px 0 10px;font-size:14px}
th{text-align:left;white-space:nowrap;font-size:12.5px;font-weight:normal;color:#55606d;border-bottom:1px solid #9aa5b1;padding:3px 14px 3px 0;vertical-align:bottom}
td{border-bottom:1px solid #e3e8ed;padding:6px 14px 6px 0;vertical-align:top;overflow-wrap:anywhere}
td:last-child,th:last-child{padding-right:0}
.figures{text-align:right;font-variant-numeric:tabular-nums}
.figures small{font-size:12px;line-height:1.5;padding-top:2px}
.meter{display:block;margin:3px 0 0 auto;max-width:100%}
.on{color:#55606d}
details{margin-top:4px}
summary{cursor:pointer;font-weight:600}
.packages{list-style:none;columns:260px;column-gap:28px;margin-top:10px;font-size:12.5px;line-height:1.55}
.packages li{overflow-wrap:anywhere;break-inside:avoid}
.packages i{font-style:normal;color:#55606d}
footer{margin-top:48px;padding-top:10px;border-top:1px solid #d6dce2;font-size:13px;color:#55606d}
@media screen and (min-width:1080px){.t:not(.tw){display:none}}
@media screen and (min-width:760px) and (max-width:1079.98px){.t:not(.tm){display:none}
.id{font-size:10.5px}}
@media screen and (max-width:759.98px){
.t:not(.tp){display:none}
body{padding:18px 16px 36px}
h1{font-size:30px}
.pair{grid-template-columns:1fr;gap:18px}
.glance{grid-template-columns:1fr 1fr;gap:16px}
table,tbody,tr,td{display:block}
thead{display:none}
tr{border-bottom:1px solid #c3cbd4;padding:7px 0}
td,td:last-child,td.figures{display:flex;gap:12px;border:0;padding:1px 0;text-align:left}
td.figures small{padding:0;font-size:13px}
td:first-child{font-size:15px;font-weight:600}
td:first-child:before{display:none}
td:before{content:attr(data-label);flex:0 0 104px;color:#55606d;font-size:13px}
td div{min-width:0}
td.empty{display:none}
.meter{margin-left:0}
dt{flex-basis:104px}
}
@page{size:A4;margin:14mm}
@media print{
.t:not(.tm){display:none}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{padding:0;max-width:none;font-size:10pt}
h1{font-size:24pt}
h2{margin-top:22pt;break-after:avoid}
h3{break-after:avoid}
table{font-size:8.5pt}
th{font-size:8pt}
small,.figures small{font-size:7.5pt}
td{padding:3pt 9pt 3pt 0}
code{font-size:8pt}
.id{font-size:6.5pt}
tr,.figure,.steps,.glance,dl div{break-inside:avoid}
.packages{columns:3;font-size:7pt}
}
`;
