"use client";

import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useId, useState } from "react";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { PersonsName } from "@/components/ui/persons-name";
import { ProblemNote } from "@/components/ui/problem";
import { Textarea } from "@/components/ui/textarea";
import { notify } from "@/components/ui/toast";
import type { ThingKind } from "@/lib/routes";

import { tagsOptions, useChangeLabel } from "./queries";

const LONGEST = { name: 200, tag: 40, note: 4000 }; // as the API bounds them

export interface Labelled {
  kind: ThingKind;
  id: string;
  name: string;
  tags: readonly string[];
  note: string;
  /** Others find it by its name: that stays. */
  isPlaced?: boolean;
}

/** What a thing is called, its tags and its note. Only what was changed is sent, so that nobody undoes another's. */
export function LabelDialog({ thing, onClose }: { thing: Labelled; onClose: () => void }) {
  const t = useTranslations("labels.label");
  const change = useChangeLabel();
  const [began] = useState(thing); // what others write meanwhile is no change of this one
  const [name, setName] = useState(began.name);
  const [note, setNote] = useState(began.note);
  const [tags, setTags] = useState(began.tags);
  const [typed, setTyped] = useState("");
  const isNameless = !began.isPlaced && name.trim() === "";
  const hasComma = typed.includes(",");
  const withTyped = typed.trim() === "" || tags.includes(typed.trim()) ? tags : [...tags, typed.trim()];
  const save = () => {
    if (isNameless || hasComma) return;
    const patch = {
      ...(!began.isPlaced && name.trim() !== began.name && { name: name.trim() }),
      ...(note.trim() !== began.note && { note: note.trim() }),
      add_tags: withTyped.filter((tag) => !began.tags.includes(tag)),
      remove_tags: began.tags.filter((tag) => !withTyped.includes(tag)),
    };
    change.mutate(
      { kind: began.kind, id: began.id, patch },
      {
        onSuccess: () => {
          notify.good(t("saved"));
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(began.isPlaced ? "titlePlaced" : "title", { name: began.name })}
      actions={
        <Button variant="primary" pending={change.isPending} disabled={isNameless || hasComma} onClick={save}>
          {t("save")}
        </Button>
      }
    >
      <div className="grid gap-3">
        {!began.isPlaced && (
          <Field label={t("name")} error={isNameless && t("nameEmpty")}>
            <Input
              value={name}
              maxLength={LONGEST.name}
              onValueChange={setName}
              onKeyDown={(event) => event.key === "Enter" && save()}
              onFocus={(event) => event.currentTarget.select()}
            />
          </Field>
        )}
        <TagsField tags={tags} typed={typed} onTyped={setTyped} onTags={setTags} onAdd={() => (setTags(withTyped), setTyped(""))} />
        <Field label={t("note")}>
          <Textarea value={note} maxLength={LONGEST.note} onChange={(event) => setNote(event.currentTarget.value)} />
        </Field>
        <ProblemNote problem={change.error} />
      </div>
    </Dialog>
  );
}

interface TagsFieldProps {
  tags: readonly string[];
  typed: string;
  onTyped: (typed: string) => void;
  onTags: (tags: readonly string[]) => void;
  onAdd: () => void;
}

/** Tags come by Enter and go by their cross, or the last one by Backspace. Those in use are offered. */
function TagsField({ tags, typed, onTyped, onTags, onAdd }: TagsFieldProps) {
  const t = useTranslations("labels.label");
  const known = useQuery(tagsOptions()).data ?? [];
  const list = useId();
  const hasComma = typed.includes(",");
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      if (!hasComma) onAdd();
    }
    if (event.key === "Backspace" && typed === "") onTags(tags.slice(0, -1));
  };
  return (
    <Field label={t("tags")} description={t("tagsHint")} error={hasComma && t("tagComma")}>
      {tags.length > 0 && (
        <ul className="mb-1 flex flex-wrap gap-1">
          {tags.map((tag) => (
            <li key={tag} className="inline-flex max-w-full items-center rounded-full bg-hover pl-2 text-xs">
              <span className="truncate">
                <PersonsName>{tag}</PersonsName>
              </span>
              <button
                type="button"
                aria-label={t("removeTag", { tag })}
                onClick={() => onTags(tags.filter((one) => one !== tag))}
                className="grid size-6 shrink-0 place-items-center rounded-full text-ink-3 hover:text-ink"
              >
                <X className="size-3.5" aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Input list={list} value={typed} maxLength={LONGEST.tag} placeholder={t("addTag")} onValueChange={onTyped} onKeyDown={press} />
      <datalist id={list}>
        {known
          .filter((tag) => !tags.includes(tag))
          .map((tag) => (
            <option key={tag} value={tag} />
          ))}
      </datalist>
    </Field>
  );
}
