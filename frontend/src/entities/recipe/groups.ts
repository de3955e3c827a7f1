import { GROUPS, type Group, type Setting } from "./settings";

/** Without any that a recipe marks, so few settings that all of them can be in sight. */
const FEW = 4;

/** The settings that matter most, in sight without opening anything. */
export function keySettings(settings: readonly Setting[]): Setting[] {
  const marked = settings.filter(({ isKey }) => isKey);
  return marked.length > 0 || settings.length > FEW ? marked : [...settings];
}

/** Settings under their headings; what a recipe puts under none stands under the last. */
export function grouped(settings: readonly Setting[]): { group: Group; settings: Setting[] }[] {
  return GROUPS.flatMap((group) => {
    const members = settings.filter((setting) => setting.group === group);
    return members.length > 0 ? [{ group, settings: members }] : [];
  });
}

/** Settings whose name, title or description holds every word, in either language. */
export function found(settings: readonly Setting[], sought: string): Setting[] {
  const words = sought.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  return settings.filter(({ name, title, description }) => {
    const all = [name, name.replaceAll("_", " "), title.ja, title.en, description.ja, description.en].join(" ");
    const text = all.normalize("NFKC").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
