package io.twinport.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the user has set, for a provider that reads its own. */
public interface Configuration {
  /**
   * The value of {@code twinport.<name>}, without blanks around it, or null if none is given. The
   * names of a provider's own begin with its name and a dot, such as {@code shm.max-bytes}.
   */
  @Nullable String value(String name);

  /** The names of the providers that are enabled, in the order in which they are asked. */
  List<String> providers();

  /**
   * Says what the provider uses, so that users can be shown what is in effect.
   *
   * @param name as for {@link #value}
   * @param given whether it is what was given, or its default
   */
  void inEffect(String name, Object value, boolean given);

  /** Tells of a value that makes no sense, in one line that names the property. */
  void complain(String line);
}
