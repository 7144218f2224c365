import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app/App";
import "@/design/tokens.css";
import "@/design/base.css";
import "@/design/parts.css";
import "@/design/compared.css";

const place = document.getElementById("application");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
