import type { ja } from "../../../messages/ja";
import type { Locale as OurLocale } from "./locale";

declare module "next-intl" {
  interface AppConfig {
    Locale: OurLocale;
    Messages: typeof ja;
  }
}
