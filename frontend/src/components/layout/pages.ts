import { Activity, Bell, Book, Boxes, ClipboardCheck, Database, FlaskConical, House, type LucideIcon, MessagesSquare, Search, Server } from "lucide-react";
import type { Route } from "next";

import type { ja } from "../../../messages/ja";

interface PageEntry {
  /** Its name in `nav` of the messages. */
  name: keyof typeof ja.nav.pages;
  href: Route;
  icon: LucideIcon;
  /** Keys that lead there. */
  keys?: string;
  /** Where it stands in the rail; null: only in the breadcrumb and the palette. */
  group: Group | null;
}

/** What one does, in the order of the rail; `home` stands above all. */
export const GROUPS = ["home", "data", "train", "serve", "learn", "system"] as const;
type Group = (typeof GROUPS)[number];

/** Every page that has a fixed address, a line each. Rail, drawer, breadcrumb, palette and shortcuts are drawn from this list. */
export const PAGES: readonly PageEntry[] = [
  { name: "home", href: "/", icon: House, keys: "g h", group: "home" },
  { name: "datasets", href: "/datasets", icon: Database, keys: "g d", group: "data" },
  { name: "models", href: "/models", icon: Boxes, keys: "g m", group: "train" },
  { name: "findModel", href: "/models/find", icon: Search, group: null },
  { name: "training", href: "/training", icon: Activity, keys: "g t", group: "train" },
  { name: "newTraining", href: "/training/new", icon: Activity, keys: "n", group: null },
  { name: "compare", href: "/training/compare", icon: Activity, group: null },
  { name: "evaluations", href: "/evaluate", icon: ClipboardCheck, keys: "g e", group: "train" },
  { name: "chat", href: "/chat", icon: MessagesSquare, keys: "g c", group: "serve" },
  { name: "playground", href: "/playground", icon: FlaskConical, keys: "g p", group: "serve" },
  { name: "learn", href: "/learn", icon: Book, keys: "g l", group: "learn" },
  { name: "notifications", href: "/notifications", icon: Bell, group: "system" },
  { name: "system", href: "/system", icon: Server, keys: "g s", group: "system" },
];

export type PageName = PageEntry["name"];

/** The pages above and at an address, outermost first; the first page stands above none. */
export function trailOf(pathname: string): PageEntry[] {
  return PAGES.filter(({ href }) => pathname === href || (href !== "/" && pathname.startsWith(`${href}/`))).sort(
    (one, other) => one.href.length - other.href.length,
  );
}

/** The page that the rail marks at an address. */
export function markedAt(pathname: string): PageEntry | undefined {
  return trailOf(pathname).findLast(({ group }) => group !== null);
}
