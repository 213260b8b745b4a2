package io.twinport.agent.view;

import java.util.List;

/** What has been typed while {@code top} shows something, and so how it is sorted and filtered. */
public final class TopKeys {
  /** By what connections can be sorted; the first is usual. */
  public static final List<String> ORDERS =
      List.of("rate", "calls", "receive-queue", "send-queue", "age");

  /** What comes of a key. */
  public enum Effect {
    NONE,
    /** It is sorted or filtered in another way from here on. */
    CHANGED,
    QUIT
  }

  private static final int MOST_PORT = 65_535;
  private static final int MOST_DIGITS = 5;
  private static final int ESCAPE = 27;
  private static final int BACKSPACE = 8;
  private static final int DELETE = 127;

  private String order;
  private int port;

  /** What is typed for a port; null if nothing is asked for. */
  private StringBuilder typed;

  /**
   * @param order one of {@link #ORDERS}
   * @param port 0 for all
   */
  public TopKeys(String order, int port) {
    this.order = order;
    this.port = port;
  }

  public String order() {
    return order;
  }

  /** The one port that is shown; 0 for all. */
  public int port() {
    return port;
  }

  /**
   * Takes a key.
   *
   * @param key a byte of what the terminal sends; negative if it has gone
   */
  public Effect press(int key) {
    if (key < 0) {
      return Effect.QUIT;
    }
    if (typed != null) {
      return type(key);
    }
    switch (key) {
      case 's' -> {
        order = ORDERS.get((ORDERS.indexOf(order) + 1) % ORDERS.size());
        return Effect.CHANGED;
      }
      case 'p' -> typed = new StringBuilder();
      case 'q' -> {
        return Effect.QUIT;
      }
      default -> {}
    }
    return Effect.NONE;
  }

  private Effect type(int key) {
    if (key >= '0' && key <= '9' && typed.length() < MOST_DIGITS) {
      typed.append((char) key);
    } else if ((key == DELETE || key == BACKSPACE) && typed.length() > 0) {
      typed.setLength(typed.length() - 1);
    } else if (key == '\n' || key == '\r') {
      int wanted = typed.length() == 0 ? 0 : Integer.parseInt(typed.toString());
      typed = null;
      if (wanted <= MOST_PORT) {
        port = wanted;
        return Effect.CHANGED;
      }
    } else if (key == ESCAPE) {
      typed = null;
    }
    return Effect.NONE;
  }

  /** What can be typed now, for the last line of the screen. */
  public String line() {
    return typed == null
        ? "s: sort (" + order + ")  p: port (" + (port == 0 ? "all" : port) + ")  q: quit"
        : "port, none for all: " + typed;
  }
}
