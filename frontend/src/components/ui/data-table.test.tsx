import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { saveText } from "@/lib/download";

import { en } from "../../../messages/en";
import { DataTable } from "./data-table";
import { ROW_LINK } from "./row-walk";
import type { Column, Order, Sort } from "./table-columns";

vi.mock("@/lib/download", async (original) => ({ ...(await original<object>()), saveText: vi.fn() }));

interface Run {
  id: string;
  name: string;
  loss: number | null;
  seconds: number;
}

const RUNS: readonly Run[] = [
  { id: "a", name: "run 10", loss: 0.5, seconds: 60 },
  { id: "b", name: "run 9", loss: null, seconds: 5 },
  { id: "c", name: "=1+1", loss: 2, seconds: 7 },
];
const COLUMNS: readonly Column<Run>[] = [
  { id: "name", label: "Name", value: ({ name }) => name, cell: ({ name }) => <a {...ROW_LINK} href={`#${name}`}>{name}</a> },
  { id: "loss", label: "Loss", numeric: true, value: ({ loss }) => loss, cell: ({ loss }) => String(loss) },
  { id: "time", label: "Time", numeric: true, unit: "s", value: ({ seconds }) => seconds, cell: ({ seconds }) => `${seconds} s` },
  { id: "menu", label: "Actions", hideLabel: true, cell: () => <button type="button">more</button> },
];

const ADDED: readonly Column<Run>[] = [...COLUMNS, { id: "config.rank", label: "Rank", group: "Settings", from: "chosen", value: () => 8, cell: () => "8" }];

type ShownProps = { name?: string; rows?: readonly Run[]; isPartial?: boolean; columns?: readonly Column<Run>[]; order?: Order };

function Shown({ name = "runs", ...rest }: ShownProps) {
  return (
    <NextIntlClientProvider locale="en" messages={en} timeZone="UTC">
      <DataTable name={name} caption="Runs" columns={COLUMNS} rows={RUNS} rowId={({ id }) => id} empty={<p>No runs yet</p>} {...rest} />
    </NextIntlClientProvider>
  );
}

const names = () => screen.getAllByRole("link").map((link) => link.textContent);
const heads = () => screen.getAllByRole("columnheader").map((head) => head.textContent);
const order = (name: string) => screen.getByRole("columnheader", { name: new RegExp(`^${name}`) }).getAttribute("aria-sort");
const sortBy = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
async function tool(name: string, role = "menuitem") {
  if (!screen.queryByRole("menu")) fireEvent.click(screen.getByRole("button", { name: /Columns and CSV of/ }));
  fireEvent.click(await screen.findByRole(role, { name }));
}

configure({ asyncUtilTimeout: 20_000 }); // code that comes with the first touch takes its time on a busy machine

beforeEach(() => {
  HTMLElement.prototype.showPopover = () => undefined; // a word on focus lies in the browser's top layer, which this document lacks
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

describe("A table", () => {
  it("is as it was given until somebody sorts it, and then again the other way, and at last as before", async () => {
    render(<Shown />);
    expect(names()).toEqual(["run 10", "run 9", "=1+1"]);
    expect(order("Name")).toBe("none");
    sortBy("Name");
    await waitFor(() => expect(order("Name")).toBe("ascending"));
    expect(names()).toEqual(["=1+1", "run 9", "run 10"]); // numbers in names by size
    sortBy("Name");
    await waitFor(() => expect(order("Name")).toBe("descending"));
    sortBy("Name");
    await waitFor(() => expect(order("Name")).toBe("none"));
    expect(names()).toEqual(["run 10", "run 9", "=1+1"]);
  });

  it("puts rows without a value last, whichever way the others go", async () => {
    render(<Shown />);
    sortBy("Loss");
    await waitFor(() => expect(order("Loss")).toBe("descending"));
    expect(names()).toEqual(["=1+1", "run 10", "run 9"]);
    sortBy("Loss");
    await waitFor(() => expect(names()).toEqual(["run 10", "=1+1", "run 9"]));
  });

  it("keeps its order when rows come and go", async () => {
    const { rerender } = render(<Shown />);
    sortBy("Time");
    await waitFor(() => expect(names()).toEqual(["run 10", "=1+1", "run 9"]));
    rerender(<Shown rows={[{ id: "d", name: "new", loss: 1, seconds: 30 }, ...RUNS]} />);
    expect(names()).toEqual(["run 10", "new", "=1+1", "run 9"]);
  });

  it("does not draw its rows anew when it learns to sort, so that a hand or the focus keeps its place", async () => {
    render(<Shown />);
    const [first] = screen.getAllByRole("link");
    first?.focus();
    sortBy("Time");
    await waitFor(() => expect(order("Time")).toBe("descending"));
    expect(screen.getAllByRole("link")[0]).toBe(first);
    expect(document.activeElement).toBe(first);
  });

  it("says that the order is that of what has come, where there is more", async () => {
    render(<Shown isPartial />);
    expect(screen.queryByText(/loaded so far/)).toBeNull();
    sortBy("Name");
    await screen.findByText("Sorted among the 3 loaded so far.");
  });

  it("without rows says what to do instead", () => {
    render(<Shown rows={[]} />);
    expect(screen.queryByRole("table")).toBeNull();
    expect(screen.getByText("No runs yet")).toBeTruthy();
  });

  it("is walked through by the arrows, as it stands", async () => {
    render(<Shown />);
    sortBy("Time");
    await waitFor(() => expect(names()).toEqual(["run 10", "=1+1", "run 9"]));
    const [first] = screen.getAllByRole("link");
    first?.focus();
    fireEvent.keyDown(document.activeElement ?? document.body, { key: "ArrowDown" });
    expect(document.activeElement?.textContent).toBe("=1+1");
    fireEvent.keyDown(document.activeElement ?? document.body, { key: "ArrowUp" });
    expect(document.activeElement).toBe(first);
    fireEvent.keyDown(document.activeElement ?? document.body, { key: "ArrowUp" });
    expect(document.activeElement).toBe(first);
  });
});

describe("Columns", () => {
  it("that a person does without stay away the next time; the first and the buttons cannot be missed", async () => {
    render(<Shown />);
    await tool("Loss", "menuitemcheckbox");
    await waitFor(() => expect(heads()).toEqual(["Name", "Time", "Actions"]));
    expect(screen.queryAllByRole("menuitemcheckbox", { name: /Name|Actions/ })).toEqual([]);
    cleanup();
    render(<Shown />);
    await waitFor(() => expect(heads()).toEqual(["Name", "Time", "Actions"]));
    cleanup();
    render(<Shown name="others" />);
    expect(heads()).toEqual(["Name", "Loss", "Time", "Actions"]);
  });

  it("come back, and with them the order and the widths", async () => {
    render(<Shown />);
    sortBy("Time");
    await waitFor(() => expect(order("Time")).toBe("descending"));
    await tool("Loss", "menuitemcheckbox");
    await waitFor(() => expect(heads()).not.toContain("Loss"));
    await tool("Reset the table");
    await waitFor(() => expect(heads()).toEqual(["Name", "Loss", "Time", "Actions"]));
    expect(names()).toEqual(["run 10", "run 9", "=1+1"]);
    expect([localStorage.length, sessionStorage.length]).toEqual([0, 0]);
  });

  it("become wider and narrower by keys, and stay so", async () => {
    render(<Shown />);
    const button = screen.getByRole("button", { name: "Loss" });
    button.focus();
    sortBy("Loss");
    await waitFor(() => expect(order("Loss")).toBe("descending"));
    const width = () => screen.getByRole("columnheader", { name: /^Loss/ }).style.width;
    fireEvent.keyDown(button, { key: "ArrowRight" });
    expect(width()).toBe("");
    for (let times = 0; times < 2; times += 1) fireEvent.keyDown(button, { key: "ArrowRight", shiftKey: true });
    await waitFor(() => expect(width()).not.toBe(""));
    const wide = Number.parseInt(width());
    cleanup();
    render(<Shown />);
    await waitFor(() => expect(width()).toBe(`${wide}px`));
  });

  it.each(["{", "[]", '{"chosen":7,"widths":{"name":"wide"}}', '{"chosen":{"loss":"no"}}'])("count for nothing where what was kept is %s", async (kept) => {
    localStorage.setItem("llmlora_table_runs", kept);
    sessionStorage.setItem("llmlora_table_runs", kept);
    render(<Shown />);
    sortBy("Name");
    await waitFor(() => expect(order("Name")).toBe("ascending"));
    expect(heads()).toEqual(["Name", "Loss", "Time", "Actions"]);
  });
});

describe("The file of a table", () => {
  it("holds what is shown, in its order, with units, and no name that is a formula", async () => {
    render(<Shown />);
    sortBy("Time");
    await waitFor(() => expect(order("Time")).toBe("descending"));
    await tool("Save as CSV");
    expect(saveText).toHaveBeenCalledWith("\uFEFFName,Loss,Time (s)\r\nrun 10,0.5,60\r\n'=1+1,2,7\r\nrun 9,,5\r\n", "llmlora-Runs.csv", "text/csv");
  });

  it("lacks the columns that are not there", async () => {
    render(<Shown />);
    await tool("Loss", "menuitemcheckbox");
    await waitFor(() => expect(heads()).not.toContain("Loss"));
    await tool("Save as CSV");
    expect(vi.mocked(saveText).mock.calls[0]?.[0].split("\r\n")[0]).toBe("\uFEFFName,Time (s)");
  });
});

it("A table of hundreds of rows draws those in sight", () => {
  const many = Array.from({ length: 300 }, (_, place) => ({ id: `r${place}`, name: `run ${place}`, loss: place, seconds: place }));
  render(<Shown rows={many} />);
  expect(within(screen.getByRole("table")).queryAllByRole("link").length).toBeLessThan(100);
});

describe("rows in an order of their own", () => {
  it("stay as they come; a head asks for its order, then the other way, then for the first one", () => {
    const asked: (Sort | null)[] = [];
    const onSort = (sort: Sort | null) => void asked.push(sort);
    const { rerender } = render(<Shown order={{ sort: null, onSort }} />);
    for (const sort of [{ id: "loss", isDescending: true }, { id: "loss", isDescending: false }]) {
      sortBy("Loss");
      rerender(<Shown order={{ sort, onSort }} />);
      expect(order("Loss")).toBe(sort.isDescending ? "descending" : "ascending");
      expect(names()).toEqual(["run 10", "run 9", "=1+1"]);
    }
    sortBy("Loss");
    sortBy("Name");
    expect(asked).toEqual([{ id: "loss", isDescending: true }, { id: "loss", isDescending: false }, null, { id: "name", isDescending: false }]);
  });

  it("lose it with all else that was made of the table", async () => {
    const onSort = vi.fn();
    render(<Shown order={{ sort: { id: "loss", isDescending: true }, onSort }} />);
    await tool("Reset the table");
    expect(onSort).toHaveBeenCalledWith(null);
  });
});

describe("a column that has to be chosen", () => {
  it("stands under its group, and is there only when it is chosen, the next time too", async () => {
    const { unmount } = render(<Shown columns={ADDED} />);
    expect(heads()).not.toContain("Rank");
    await tool("Rank", "menuitemcheckbox");
    expect(screen.getByRole("group", { name: "Settings" })).toBeTruthy();
    await waitFor(() => expect(heads()).toContain("Rank"));
    unmount();
    render(<Shown columns={ADDED} />);
    await waitFor(() => expect(heads()).toContain("Rank"));
  });
});
