/** The launcher's styles. A constructed sheet, so that a host page's CSP needs no `unsafe-inline`. */
export const STYLE = `
:host{all:initial;position:fixed;inset-block-end:0;inset-inline-end:0;z-index:2147483000;color-scheme:normal}
*{box-sizing:border-box}
.launcher{position:fixed;bottom:calc(20px + env(safe-area-inset-bottom,0px));right:calc(20px + env(safe-area-inset-right,0px));
width:56px;height:56px;padding:0;border:1px solid rgba(128,128,128,.35);border-radius:50%;cursor:pointer;
background:var(--accent);color:var(--on-accent);box-shadow:0 2px 10px rgba(0,0,0,.22);display:grid;place-items:center;
transition:transform .15s ease}
.left .launcher{right:auto;left:calc(20px + env(safe-area-inset-left,0px))}
.launcher:hover{transform:scale(1.04)}
.launcher:focus-visible{outline:3px solid var(--ring);outline-offset:3px;box-shadow:0 0 0 3px #fff}
.launcher svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.open .chat,.launcher .cross{display:none}
.open .launcher .cross{display:block}
.badge{position:absolute;top:-4px;inset-inline-end:-4px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;
background:#b3261e;color:#fff;font:600 12px/22px system-ui,sans-serif;text-align:center;border:0}
.badge[hidden],.open .badge{display:none}
.panel{position:fixed;bottom:calc(88px + env(safe-area-inset-bottom,0px));right:calc(20px + env(safe-area-inset-right,0px));
width:400px;height:min(640px,calc(100dvh - 108px));border-radius:12px;overflow:hidden;
box-shadow:0 0 0 1px rgba(128,128,128,.25),0 12px 40px rgba(0,0,0,.2);background:Canvas;visibility:hidden;opacity:0;
transform:translateY(8px);transition:opacity .15s ease,transform .15s ease,visibility 0s .15s}
.left .panel{right:auto;left:calc(20px + env(safe-area-inset-left,0px))}
.open .panel{visibility:visible;opacity:1;transform:none;transition-delay:0s}
.panel iframe{display:block;width:100%;height:100%;border:0}
.full .panel{inset:0;width:100vw;height:100dvh;border-radius:0;box-shadow:none;transform:none}
.full.open .launcher{display:none}
.edge{position:fixed;width:1px;height:1px;opacity:0;pointer-events:none}
@media (prefers-reduced-motion:reduce){.launcher,.panel{transition:none!important}}
@media print{.launcher,.panel{display:none}}
@media (forced-colors:active){.launcher{border:2px solid ButtonText}}
`;
