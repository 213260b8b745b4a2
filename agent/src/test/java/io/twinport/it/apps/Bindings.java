package io.twinport.it.apps;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Addresses on a command line, as {@code host/port}. */
final class Bindings {
  private Bindings() {}

  static List<InetSocketAddress> parse(String... arguments) {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (String argument : arguments) {
      int slash = argument.lastIndexOf('/');
      addresses.add(
          new InetSocketAddress(
              argument.substring(0, slash), Integer.parseInt(argument.substring(slash + 1))));
    }
    return addresses;
  }

  /** The ports that were bound, as {@code ports=1,2,3}, in the order of the addresses. */
  static String report(List<Integer> ports) {
    StringBuilder text = new StringBuilder("ports=");
    for (int i = 0; i < ports.size(); i++) {
      text.append(i == 0 ? "" : ",").append(ports.get(i));
    }
    return text.toString();
  }
}
