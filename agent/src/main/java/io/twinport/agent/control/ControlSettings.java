package io.twinport.agent.control;

import io.twinport.core.Switch;
import io.twinport.settings.Settings;
import java.util.LinkedHashMap;
import java.util.Map;

/** What this process answers when its settings are asked for, or changed. */
final class ControlSettings {
  private static final String SET = "set ";

  private ControlSettings() {}

  /**
   * Answers {@code settings} and {@code set name=value}.
   *
   * @param answer what is added to
   * @return false if it is neither
   */
  static boolean answer(String request, Map<String, Object> answer) {
    String trimmed = request.trim();
    if (trimmed.equals("settings")) {
      answer.put("agent", Control.isAttached() ? "attached" : "launched");
      if (Control.isAttached()) {
        answer.put("arguments", Control.attachedWith());
      }
      answer.put("complaints", Switch.complaints());
      answer.put("settings", effective());
      return true;
    }
    int equals = trimmed.indexOf('=');
    if (!trimmed.startsWith(SET) || equals < 0) {
      return false;
    }
    String name = trimmed.substring(SET.length(), equals).trim();
    String why = Switch.change(name, trimmed.substring(equals + 1).trim());
    if (why != null) {
      answer.put("error", "was left as it is: " + why);
    } else {
      answer.put("set", name);
    }
    return true;
  }

  /**
   * What is in effect, by name without {@code twinport.}: {@code {"wait": {"value": "block",
   * "source": "argument"}}}.
   */
  static Map<String, Object> effective() {
    Map<String, Object> settings = new LinkedHashMap<>();
    Settings ofThisProcess = Switch.settingsOfThisProcess();
    ofThisProcess
        .effective()
        .forEach(
            (name, value) -> {
              Map<String, Object> line = new LinkedHashMap<>();
              line.put("value", value);
              line.put("source", ofThisProcess.source(name));
              settings.put(name, line);
            });
    return settings;
  }
}
