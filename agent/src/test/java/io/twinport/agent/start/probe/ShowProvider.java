package io.twinport.agent.start.probe;

import java.io.IOException;
import java.nio.channels.spi.SelectorProvider;

/**
 * Prints the class of the selector provider, and whether the property that names it is set.
 * Arguments: {@code before} asks for the provider first, {@code own} has it be one of the
 * application's own, {@code wait} waits for a line of input, and the name of another property has
 * that printed instead.
 */
public final class ShowProvider {
  private static final String PROPERTY = "java.nio.channels.spi.SelectorProvider";

  private ShowProvider() {}

  public static void main(String[] arguments) throws IOException {
    for (String argument : arguments) {
      switch (argument) {
        case "before":
          System.out.println("before: " + SelectorProvider.provider().getClass().getName());
          break;
        case "own":
          System.setProperty(PROPERTY, OwnProvider.class.getName());
          SelectorProvider.provider();
          System.clearProperty(PROPERTY);
          break;
        case "wait":
          System.out.println("waiting");
          int unused = System.in.read();
          break;
        default:
          System.out.println(argument + "=" + System.getProperty(argument));
          return;
      }
    }
    System.out.println("provider: " + SelectorProvider.provider().getClass().getName());
    System.out.println("property: " + property());
  }

  private static String property() {
    try {
      return System.getProperty(PROPERTY);
    } catch (SecurityException e) {
      return "hidden";
    }
  }
}
