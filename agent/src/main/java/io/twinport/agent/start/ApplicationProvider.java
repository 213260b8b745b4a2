package io.twinport.agent.start;

import java.nio.channels.spi.SelectorProvider;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * The selector provider that the application has chosen for itself, which it keeps. Looked for
 * where {@link SelectorProvider#provider} does, before that has been asked.
 */
final class ApplicationProvider {
  /** The property that names a selector provider. */
  static final String PROPERTY = "java.nio.channels.spi.SelectorProvider";

  /** The JDK's own on Linux. Who names it has what everybody has who names none. */
  private static final String DEFAULT = "sun.nio.ch.EPollSelectorProvider";

  private ApplicationProvider() {}

  /**
   * Returns what the application has chosen and by what means, for people, or null if nothing.
   *
   * @param ours the name that a process may have inherited from a parent with the agent
   */
  static String find(String ours) {
    String named = System.getProperty(PROPERTY);
    if (DEFAULT.equals(named)) {
      return null; // The JDK looks for no service then.
    }
    if (named != null && !named.equals(ours)) {
      return named + " (property " + PROPERTY + ")";
    }
    if (!mayBeService()) {
      return null;
    }
    try {
      ServiceLoader<SelectorProvider> services =
          ServiceLoader.load(SelectorProvider.class, ClassLoader.getSystemClassLoader());
      // An iterator says whether there is one without the streams' classes; most often there is
      // none.
      return services.iterator().hasNext()
          ? first(services) + " (a service on its class path)"
          : null;
    } catch (ServiceConfigurationError e) {
      // The application would meet the same error without us.
      return "one that can't be loaded (" + e.getMessage() + ")";
    }
  }

  /** Costs less than a service loader, and nearly always there is none. */
  private static boolean mayBeService() {
    return System.getProperty("jdk.module.path") != null
        || System.getProperty("jdk.module.main") != null // May be in the run-time image itself.
        || ClassLoader.getSystemResource("META-INF/services/" + PROPERTY) != null;
  }

  /** The name of the first; a stream does not construct it. */
  private static String first(ServiceLoader<SelectorProvider> services) {
    return services.stream().findFirst().orElseThrow().type().getName();
  }
}
