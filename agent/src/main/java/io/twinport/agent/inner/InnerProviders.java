package io.twinport.agent.inner;

import io.twinport.config.Log;
import io.twinport.spi.SanProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * Finds the SAN service providers, ours in the agent's jar and those of others on the class path,
 * when the switch first wants one. Loads no native code: providers do that, when they start.
 */
public final class InnerProviders {
  private InnerProviders() {}

  /**
   * Constructs every provider there is, ours first. One that can't be constructed is left out, and
   * told.
   *
   * @throws IllegalStateException if the jar can't be read or the JDK refuses
   */
  public static List<SanProvider> load(JarBytes jar, Path file) {
    List<SanProvider> found = new ArrayList<>();
    try {
      InnerLoader loader = InnerModule.define(jar, file);
      for (String name : loader.serviceProviders(SanProvider.class.getName())) {
        found.add((SanProvider) loader.loadClass(name).getConstructor().newInstance());
      }
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException("the SAN providers can't be loaded: " + Log.cause(e), e);
    }
    addThoseOfOthers(found);
    return List.copyOf(found);
  }

  private static void addThoseOfOthers(List<SanProvider> found) {
    Iterator<SanProvider> others =
        ServiceLoader.load(SanProvider.class, InnerProviders.class.getClassLoader()).iterator();
    while (true) {
      try {
        if (!others.hasNext()) {
          return;
        }
        found.add(others.next());
      } catch (ServiceConfigurationError | LinkageError e) {
        Log.warn("a SAN provider is left out: " + Log.cause(e));
      }
    }
  }
}
