package io.twinport.benchmarks;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the agent is. */
final class AgentJar {
  private AgentJar() {}

  /**
   * The jar that the build puts beside this one, unless the user names another.
   *
   * @param given by the user, or null
   * @throws IOException that says that there is none, to be continued with how to name one
   */
  static Path find(Path given) throws IOException {
    Path jar = (given != null ? given : beside()).toAbsolutePath().normalize();
    if (!Files.isRegularFile(jar)) {
      throw new IOException("there is no agent at " + jar + ": build it, or say where it is");
    }
    return jar;
  }

  private static Path beside() throws IOException {
    try {
      Path self =
          Path.of(AgentJar.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return self.resolveSibling("../../agent/target/twinport.jar");
    } catch (URISyntaxException e) {
      throw new IOException("this jar has no path", e);
    }
  }
}
