package io.twinport.it.apps;

/**
 * A program, and an agent, that has sockets of all kinds in each of their states when it says that
 * it is ready, and lets them go on when it is told to.
 */
public final class OpenedBefore {
  private static Opened opened;

  private OpenedBefore() {}

  /** Opens everything before the program starts. */
  public static void premain(String arguments) throws Exception {
    open();
  }

  /** Opens everything, unless the agent has. */
  public static void main(String[] arguments) throws Exception {
    if (opened == null) {
      open();
    }
    new Console().on("go", words -> opened.goOn()).serve("");
    System.exit(0); // Pools of the JDK's would keep it for a while.
  }

  private static void open() throws Exception {
    Opened all = new Opened();
    OpenedSockets.open(all);
    OpenedChannels.open(all);
    OpenedServices.open(all);
    opened = all;
  }
}
