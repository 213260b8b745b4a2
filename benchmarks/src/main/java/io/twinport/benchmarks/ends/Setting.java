package io.twinport.benchmarks.ends;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a row's two ends have in common.
 *
 * @param transport what carries the bytes
 * @param pin which processors they run on
 * @param surroundings what else there is
 * @param options of Twinport, such as {@code wait=spin}, or {@link #SERVER_WITH_AGENT}; empty for
 *     the defaults
 */
public record Setting(
    Transport transport, Placement pin, Surroundings surroundings, String options) {
  /** Marks the rows of TCP where the server alone has the agent. */
  public static final String SERVER_WITH_AGENT = "server with the agent";

  /** What goes on around both ends. */
  public enum Surroundings {
    /** Nothing that the benchmark knows of. */
    CALM,
    /** Another process runs a thread on every processor. */
    BUSY,
    /** Both ends together have half a processor. */
    QUOTA
  }

  /** With the defaults, in calm surroundings. */
  public Setting(Transport transport, Placement pin) {
    this(transport, pin, Surroundings.CALM, "");
  }

  /** With the defaults, wherever the kernel likes. */
  public Setting(Transport transport, Surroundings surroundings) {
    this(transport, Placement.NONE, surroundings, "");
  }

  /** The same with options of Twinport. */
  public Setting with(String moreOptions) {
    return new Setting(transport, pin, surroundings, moreOptions);
  }

  /** The interface that stands for {@code api} over this transport. */
  public Api api(Api api) {
    return transport == Transport.RING ? Api.MEMORY : api;
  }

  /** For people, such as {@code SAN, one core}. */
  public String label() {
    String where = where();
    return transport.label() + (where.isEmpty() ? "" : ", " + where);
  }

  /** The same without the transport, such as {@code one core}. */
  public String where() {
    List<String> words = new ArrayList<>();
    switch (pin) {
      case NONE -> {
        if (surroundings == Surroundings.CALM) {
          words.add("free");
        }
      }
      case ONE -> words.add("one core");
      case TWO -> words.add("two cores");
    }
    if (surroundings != Surroundings.CALM) {
      words.add(surroundings.name().toLowerCase(Locale.ROOT));
    }
    if (!options.isEmpty()) {
      words.add(options);
    }
    return String.join(", ", words);
  }
}
