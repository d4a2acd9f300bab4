/** The looks of the docs: those of the product, without its scripts. */
export const DOCS_STYLE = `:root{color-scheme:light dark;--line:light-dark(#e1e6e8,#23292e);--soft:light-dark(#f1f4f6,#151a1d);--muted:light-dark(#566067,#96a0a6);--accent:light-dark(#1a7873,#54beb6)}
*{box-sizing:border-box}
html{background:light-dark(#fff,#0a0d10);color:light-dark(#23292e,#e1e6e8);scroll-padding-top:1rem}
body{margin:0;font:16px/1.6 ui-sans-serif,system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--accent);text-underline-offset:2px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:.25rem}
h1,h2,h3,h4{line-height:1.25;color:light-dark(#0a0d10,#fff)}
h1{font-size:1.75rem;margin:.5rem 0 1rem}h2{font-size:1.25rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.5rem 0 .5rem}
header{display:flex;align-items:center;gap:1.25rem;height:3.5rem;padding:0 1rem;border-bottom:1px solid var(--line)}
header a{display:inline-flex;align-items:center;gap:.5rem;min-height:2.75rem;color:inherit;text-decoration:none;font-size:.875rem}
header a.logo::before{content:'';width:1.5rem;height:1.5rem;background:url(/favicon.svg) center/contain}
header a.logo{font-size:1rem;font-weight:600;letter-spacing:-.025em}
header a:not(.logo):hover{text-decoration:underline}
.skip{position:fixed;left:.5rem;top:.5rem;padding:.5rem 1rem;border-radius:.5rem;background:var(--accent);color:light-dark(#fff,#0a0d10);transform:translateY(-200%)}
.skip:focus{transform:none}
.page{display:grid;max-width:72rem;margin:0 auto;padding:0 1rem}
nav{order:1;padding:1rem 0 4rem;border-top:1px solid var(--line);font-size:.875rem}
nav h2{margin:1rem 0 .25rem;font-size:.75rem;font-weight:500;color:var(--muted)}
nav ul{margin:0;padding:0;list-style:none}
nav li a{display:block;padding:.3125rem .5rem;border-radius:.5rem;color:inherit;text-decoration:none}
nav li a:hover,nav li a[aria-current]{background:var(--soft)}nav li a[aria-current]{font-weight:600}
main img{display:block;max-width:100%;max-height:40rem;width:auto;height:auto;margin:1rem 0;border:1px solid var(--line);border-radius:.5rem}
main{min-width:0;padding:1.5rem 0 4rem}
pre,code{font:.875em/1.5 ui-monospace,monospace;background:var(--soft);border-radius:.25rem}
code{padding:.1em .3em}pre{padding:.75rem 1rem;overflow-x:auto}pre code{padding:0;background:none}
table{border-collapse:collapse;display:block;overflow-x:auto;font-size:.9375rem}
th,td{border:1px solid var(--line);padding:.35rem .6rem;text-align:left;vertical-align:top;overflow-wrap:normal}
:target{background:light-dark(#fef3c7,#4a3310)}
@media(pointer:coarse){nav li a{padding-block:.6875rem}}
@media(min-width:56rem){.page{grid-template-columns:15rem minmax(0,48rem);gap:3rem}nav{order:0;border:0}.narrow{display:none!important}}`
