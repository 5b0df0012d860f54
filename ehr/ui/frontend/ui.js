import "./htmx.js";
import "./command.js";
import "./menus.js";
import "./appearance.js";
import "./cut.js";
