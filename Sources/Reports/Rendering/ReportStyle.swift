/// The page's style: system fonts, no colour as the only cue, contrast of at least 4.5:1 in both schemes.
enum ReportStyle {
  static let css = """
    :root{--ink:#1a1d21;--paper:#fff;--line:#c9ced6;--soft:#f2f4f7;--bar:#35608f;--bad:#9d1c1c;--warn:#7a4a00;\
    --good:#155e2b}
    @media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--paper:#15181c;--line:#454b54;--soft:#20252b;\
    --bar:#7fa9d6;--bad:#ff9a92;--warn:#f0bf6a;--good:#83d49a}}
    *{box-sizing:border-box}
    body{margin:0;color:var(--ink);background:var(--paper);font:16px/1.5 system-ui,sans-serif}
    main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem}
    h1{font-size:1.8rem;line-height:1.2;margin:.5rem 0}
    h2{font-size:1.25rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
    h3{font-size:1rem;margin:1.2rem 0 .4rem}
    .lead{font-size:1.1rem;max-width:46rem}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:0}
    dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
    .wide{overflow-x:auto}
    table{border-collapse:collapse;width:100%;font-size:.92rem}
    th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;\
    overflow-wrap:anywhere}
    thead th{background:var(--soft)}tbody th{font-weight:500}
    .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    .none{opacity:.55}.fail{color:var(--bad);font-weight:600}.warn{color:var(--warn)}.pass{color:var(--good)}
    code{font:.86em ui-monospace,monospace;overflow-wrap:anywhere}
    details{margin:.3rem 0}summary{cursor:pointer}
    .pair{display:flex;flex-wrap:wrap;gap:1.5rem;align-items:flex-start}
    .pair svg{flex:1 1 18rem;max-width:26rem;font-size:13px}.pair .wide{flex:2 1 20rem}
    .bar{fill:var(--bar)}svg text{fill:var(--ink)}
    @media (max-width:30rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
    @media print{main{max-width:none;padding:0}details>*{display:block}section{break-inside:auto}\
    tr{break-inside:avoid}}
    """
}
