package io.twinport.agent.commands;

import io.twinport.agent.start.Bootstrap;
import io.twinport.config.Log;
import io.twinport.core.Switch;
import io.twinport.settings.Settings;
import java.io.IOException;
import java.util.List;

/** Whether arguments of the agent make sense, before a process gets them that has to keep them. */
final class SettingsCheck {
  private SettingsCheck() {}

  /**
   * What is wrong with them, a line each. Files that they name are not looked at, as the process
   * may see others.
   *
   * @throws IOException if this does not run from the jar
   */
  static List<String> complaints(String arguments) throws IOException {
    if (arguments == null) {
      return List.of();
    }
    Log.threshold(Log.Level.OFF); // Told by whoever asks.
    try {
      return Switch.complaintsOf(Settings.check(arguments), Bootstrap.providers(Main.jar()));
    } finally {
      Log.threshold(Log.Level.WARN);
    }
  }
}
