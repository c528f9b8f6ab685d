/// The page's style: system fonts, no colour as the only cue, contrast of at least 4.5:1 in both schemes.
enum ReportStyle {
  static let css = """
    :root{--ink:#1a1d21;--dim:#545b64;--paper:#fff;--line:#c9ced6;--soft:#f2f4f7;--bar:#35608f;--bad:#9d1c1c;\
    --warn:#7a4a00;--good:#155e2b;--und:#5b4b8a;--h1:#e3ecf6;--h2:#c3d7ec;--h3:#9dbfe0;--h4:#77a6d3;--hot:#10161d}
    @media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--dim:#aab2bc;--paper:#15181c;--line:#454b54;\
    --soft:#20252b;--bar:#7fa9d6;--bad:#ff9a92;--warn:#f0bf6a;--good:#83d49a;--und:#bcaaf0;--h1:#1d2a38;\
    --h2:#24405c;--h3:#2b557f;--h4:#2f669c;--hot:#fff}}
    *{box-sizing:border-box}
    body{margin:0;color:var(--ink);background:var(--paper);font:16px/1.55 system-ui,sans-serif}
    header,main,nav{max-width:72rem;margin:0 auto;padding:0 1rem}
    header{padding-top:1.6rem}main{padding-bottom:4rem}
    h1{font-size:1.8rem;line-height:1.2;margin:0 0 .5rem;overflow-wrap:anywhere}
    h2{font-size:1.25rem;margin:2.4rem 0 .7rem;border-bottom:2px solid var(--line);padding-bottom:.25rem}
    h3{font-size:1rem;margin:1.4rem 0 .4rem}
    p,li{max-width:60rem;overflow-wrap:anywhere}ul{padding-left:1.2rem}
    a{color:var(--bar)}a:focus-visible,summary:focus-visible,.wide:focus-visible{outline:3px solid var(--bar);outline-offset:2px}
    .skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.3rem .6rem}
    .lead{font-size:1.1rem;max-width:46rem;color:var(--dim);margin:0}
    nav ul{list-style:none;padding:.6rem 0 0;margin:0;display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.9rem}
    #short p{font-size:1.1rem;background:var(--soft);border-left:4px solid var(--bar);padding:.8rem 1rem;margin:0}
    dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.25rem 1.2rem;margin:0}
    dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
    .wide{overflow-x:auto;max-width:100%}
    table{border-collapse:collapse;width:100%;font-size:.92rem}
    th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;\
    overflow-wrap:anywhere;min-width:4.5rem}
    thead th{background:var(--soft);font-weight:600;overflow-wrap:normal}tbody th{font-weight:500}
    .results tbody th{white-space:nowrap}.rules th:first-child{min-width:16rem}.rules thead th{white-space:nowrap}
    @media(min-width:700px){.folders th code{white-space:nowrap}}
    .n{text-align:right;font-variant-numeric:tabular-nums}
    .none{color:var(--dim)}.fail{color:var(--bad);font-weight:600}.warn{color:var(--warn)}.pass{color:var(--good)}
    .undetermined{color:var(--und)}.notApplicable{color:var(--dim)}
    .h1{background:var(--h1)}.h2{background:var(--h2)}.h3{background:var(--h3);color:var(--hot)}\
    .h4{background:var(--h4);color:var(--hot)}
    code{font:.86em ui-monospace,monospace;overflow-wrap:anywhere}small{color:var(--dim)}
    details{margin:.35rem 0}summary{cursor:pointer;overflow-wrap:anywhere}
    #attention>details{border:1px solid var(--line);border-radius:6px;padding:.5rem .8rem}
    .figures{display:flex;flex-wrap:wrap;gap:1rem;margin:.6rem 0}figure{margin:0}
    figure img{display:block;max-width:100%;height:auto;border:1px solid var(--line)}figcaption{font-size:.85rem;color:var(--dim)}
    .pair{display:flex;flex-wrap:wrap;gap:1.5rem;align-items:flex-start}
    .pair svg{flex:1 1 16rem;max-width:26rem;min-width:0;font-size:13px}.pair .wide{flex:2 1 18rem;min-width:0}
    .bar{fill:var(--bar)}svg text{fill:var(--ink)}.axis{stroke:var(--dim)}.mark{stroke:var(--bad);stroke-dasharray:4 3}
    .measure{width:100%;min-width:3rem;height:.8rem;margin-top:.35rem;display:block}
    .outcomes td:nth-child(2){width:40%}.outcomes .n{width:5rem}
    .strip{width:5rem;height:.7rem;margin-top:.35rem;display:block}.f-pass{fill:var(--good)}.f-fail{fill:var(--bad)}\
    .f-warn{fill:var(--warn)}.f-notApplicable{fill:var(--line)}.f-undetermined{fill:var(--und)}
    @media (max-width:30rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
    @media print{:root{color-scheme:light}nav,.skip{display:none}header,main{max-width:none;padding:0}\
    .wide{overflow:visible}details::details-content{content-visibility:visible;block-size:auto}\
    tr,figure,h2,h3{break-inside:avoid}h2,h3{break-after:avoid}body{font-size:10.5pt}}
    """
}
