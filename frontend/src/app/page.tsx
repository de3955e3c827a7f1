export { HomeView as default } from "@/views/home/home-view";
