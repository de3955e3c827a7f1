"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { ConfusionCard } from "./confusion-card";
import { FigureTable } from "./figure-table";
import { ImportanceCard } from "./importance-card";
import { MistakesCard } from "./mistakes-card";
import { type Cell, evaluationOptions } from "./queries";

/** On the page of a job that has looked at held-out rows: how good it is, and where it errs. The rest stands on a page of its own. */
export function EvaluationPanel({ id }: { id: string }) {
  const { data: evaluation } = useQuery(evaluationOptions(id));
  const [cell, setCell] = useState<Cell | null>(null);
  if (!evaluation) return null;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-3 xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
        <FigureTable evaluation={evaluation} />
        {evaluation.confusion && <ConfusionCard confusion={evaluation.confusion} cell={cell} onCell={setCell} />}
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
        {evaluation.importances && <ImportanceCard importances={evaluation.importances} />}
        {evaluation.labels.length > 0 && <MistakesCard evaluation={evaluation} cell={cell} onAll={() => setCell(null)} />}
      </div>
    </div>
  );
}
