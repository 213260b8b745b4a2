package io.twinport.contract.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import jdk.net.ExtendedSocketOptions;

/** Options by name: they can't be sent to another process as they are. */
final class Options {
  private static final Set<SocketOption<?>> ALL = all();

  /** An option that only a test knows. */
  private record Unheard(String name) implements SocketOption<Object> {
    @Override
    public Class<Object> type() {
      return Object.class;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private Options() {}

  private static Set<SocketOption<?>> all() {
    Set<SocketOption<?>> all = new HashSet<>();
    for (Class<?> holder :
        new Class<?>[] {StandardSocketOptions.class, ExtendedSocketOptions.class}) {
      for (Field field : holder.getFields()) {
        try {
          if (field.get(null) instanceof SocketOption<?> option) {
            all.add(option);
          }
        } catch (IllegalAccessException e) {
          throw new ExceptionInInitializerError(e);
        }
      }
    }
    try (SocketChannel channel = SocketChannel.open()) {
      all.addAll(channel.supportedOptions()); // One has no public name.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /** The option of that name; the type of its values is the caller's business. */
  @SuppressWarnings("unchecked")
  static <T> SocketOption<T> named(String name) {
    for (SocketOption<?> option : ALL) {
      if (option.name().equals(name)) {
        return (SocketOption<T>) option;
      }
    }
    return (SocketOption<T>) new Unheard(name);
  }

  /** The names of {@code options}, as a set that can be sent. */
  static Set<String> names(Set<SocketOption<?>> options) {
    Set<String> names = new TreeSet<>();
    options.forEach(option -> names.add(option.name()));
    return names;
  }

  /** The options that have these names. */
  static Set<SocketOption<?>> allNamed(Set<String> names) {
    Set<SocketOption<?>> options = new HashSet<>();
    names.forEach(name -> options.add(named(name)));
    return Set.copyOf(options);
  }

  /** Sets an option of the other JVM's {@code channel}. */
  static <C extends NetworkChannel, T> void set(Remote<C> channel, SocketOption<T> option, T value)
      throws IOException {
    String name = option.name();
    channel.call(there -> there.setOption(Options.<T>named(name), value) != null);
  }

  static <C extends NetworkChannel, T> T get(Remote<C> channel, SocketOption<T> option)
      throws IOException {
    String name = option.name();
    return channel.call(there -> there.getOption(Options.<T>named(name)));
  }

  static <C extends NetworkChannel> Set<SocketOption<?>> supported(Remote<C> channel) {
    return allNamed(channel.ask(there -> names(there.supportedOptions())));
  }
}
