import { useLocale } from "next-intl";

import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { type Raw, rawOf } from "@/entities/recipe/raw";
import type { Setting } from "@/entities/recipe/settings";

interface NumberOrWordProps {
  setting: Setting;
  raw: Raw;
  onChange: (raw: Raw) => void;
}

/** A number, or one of a few words instead: each a button beside the field, which says the word while it holds. */
export function NumberOrWord({ setting, raw, onChange }: NumberOrWordProps) {
  const locale = useLocale();
  const nameOf = (word: string) => setting.choiceNames[word]?.[locale] ?? word;
  const chosen = setting.words.find((word) => word === raw);
  return (
    <span className="flex gap-1.5">
      <Input
        value={chosen === undefined ? String(raw) : ""}
        onValueChange={onChange}
        inputMode={setting.kind === "integer" ? "numeric" : "decimal"}
        placeholder={chosen === undefined ? undefined : nameOf(chosen)}
        autoComplete="off"
        spellCheck={false}
      />
      {setting.words.map((word) => (
        <Button
          key={word}
          size="lg"
          variant={word === chosen ? "primary" : "secondary"}
          aria-pressed={word === chosen}
          onClick={() => onChange(word === chosen ? numberOf(setting) : word)}
        >
          {nameOf(word)}
        </Button>
      ))}
    </span>
  );
}

/** What the field says without the word. */
function numberOf({ fallback }: Setting): Raw {
  return typeof fallback === "number" ? rawOf(fallback) : "";
}
