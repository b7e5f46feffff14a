/** Where to go after logging in: a path of this portal, never another site and never back to log in. */
export function safeReturn(back: string | undefined): string {
  if (!back?.startsWith("/") || back.startsWith("//") || back.startsWith("/\\")) return "/";
  return /^\/(login|sign-up)\b/.test(back) ? "/" : back;
}
