package io.twinport.contract.support;

import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a channel answers when it is asked for its options, and when they are set. */
public final class ChannelOptions {
  private ChannelOptions() {}

  /**
   * The value of each option that {@code channel} supports.
   *
   * @param isTuned whether to leave out what the kernel may have changed meanwhile
   */
  public static Map<String, String> values(NetworkChannel channel, boolean isTuned) {
    Map<String, String> values = new TreeMap<>();
    for (SocketOption<?> option : sortedOptions(channel)) {
      if (!isTuned || !isTunedByTheKernel(option)) {
        values.put(option.name(), Outcome.of(() -> channel.getOption(option)));
      }
    }
    return values;
  }

  /** Sets every option to values good and bad; tells how each set ended and what is read back. */
  public static Map<String, String> setEverything(NetworkChannel channel) {
    Map<String, String> outcomes = new TreeMap<>();
    for (SocketOption<?> option : sortedOptions(channel)) {
      List<Object> values = new ArrayList<>();
      values.add(null);
      if (option.type() == Boolean.class) {
        values.addAll(List.of(true, false, true));
      } else if (option.type() == Integer.class) {
        values.addAll(List.of(-1, 0, 1, 7, 255, 256, 20_000, 70_000, 1_000_000));
      }
      for (int i = 0; i < values.size(); i++) {
        Object value = values.get(i);
        outcomes.put(
            option.name() + " " + i + " := " + value,
            Outcome.ofAction(() -> set(channel, option, value))
                + ", then "
                + Outcome.of(() -> channel.getOption(option)));
      }
    }
    return outcomes;
  }

  private static List<SocketOption<?>> sortedOptions(NetworkChannel channel) {
    List<SocketOption<?>> options = new ArrayList<>(channel.supportedOptions());
    options.sort(Comparator.comparing(SocketOption::name));
    return options;
  }

  /**
   * Options whose values after connect the kernel tunes by itself or takes from the network card.
   */
  private static boolean isTunedByTheKernel(SocketOption<?> option) {
    return option.equals(StandardSocketOptions.SO_SNDBUF)
        || option.equals(StandardSocketOptions.SO_RCVBUF)
        || option.name().equals("SO_INCOMING_NAPI_ID");
  }

  private static <T> void set(NetworkChannel channel, SocketOption<T> option, Object value)
      throws Exception {
    channel.setOption(option, option.type().cast(value));
  }
}
