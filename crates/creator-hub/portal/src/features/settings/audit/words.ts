/**
 * An action's slug as words: "api_key.created" → "API key created". Slugs are the server's and
 * stay in the tooltip, because that is what the filter takes.
 */
export function actionWords(action: string): string {
  const words = action
    .replaceAll(/[._]/g, " ")
    .replace(/\bapi\b/g, "API")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
