"use client";

import { useSyncExternalStore } from "react";

import { useCharacterKeys } from "@/lib/character-keys";
import { cn } from "@/lib/cn";
import { isOfCharacters } from "@/lib/keys";

const NEVER = () => () => undefined;

/** `mod` is ⌘ on Apple's keyboards and Ctrl elsewhere. */
function useModifierName(): string {
  return useSyncExternalStore(
    NEVER,
    () => (/Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl"),
    () => "Ctrl",
  );
}

/** The keys of something that can also be done otherwise; nothing where they have been switched off. */
export function Shortcut(props: { keys: string }) {
  const isOn = useCharacterKeys();
  return (isOn || !isOfCharacters(props.keys)) && <Kbd {...props} />;
}

/** Keys as they stand on the keyboard: `mod+k`, or one after the other: `g d`. */
export function Kbd({ keys, className }: { keys: string; className?: string }) {
  const modifier = useModifierName();
  return (
    <span className={cn("inline-flex shrink-0 items-center gap-0.5", className)}>
      {keys.split(/[+ ]/).map((key, index) => (
        <kbd
          key={index}
          className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm border border-line-strong px-1 font-sans text-2xs leading-none text-ink-2"
        >
          {nameOf(key, modifier)}
        </kbd>
      ))}
    </span>
  );
}

function nameOf(key: string, modifier: string): string {
  if (key === "mod") return modifier;
  return key.length === 1 ? key.toUpperCase() : key;
}
