import { act } from "@testing-library/react";
import type { ComponentType } from "react";
import { hydrateRoot } from "react-dom/client";
import { expect, it } from "vitest";

import { later } from "./later";

const DRAWN = "<!--$--><p>first</p><!--/$-->";

function Words({ words }: { words: string }) {
  return <p>{words}</p>;
}

it("keeps what the server has drawn until its code is there, whatever it is told meanwhile", async () => {
  let arrive: (Part: ComponentType<{ words: string }>) => void = () => undefined;
  const code = new Promise<ComponentType<{ words: string }>>((resolve) => (arrive = resolve));
  const Part = later(() => code, <p>waiting</p>);
  const place = document.createElement("div");
  place.innerHTML = DRAWN;
  const root = await act(async () => hydrateRoot(place, <Part words="first" />));
  const drawn = place.firstElementChild;
  for (const words of ["second", "third"]) {
    await act(async () => root.render(<Part words={words} />));
    expect(place.textContent).toBe("first");
  }
  await act(async () => arrive(Words));
  expect(place.textContent).toBe("third");
  expect(place.firstElementChild).toBe(drawn);
  await act(async () => root.unmount());
});
