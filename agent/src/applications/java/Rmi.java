import java.rmi.Remote;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.UnicastRemoteObject;

/** RMI: a registry, and an object that is called. */
final class Rmi {
  private static final int CALLS = 1000;

  private Rmi() {}

  interface Echo extends Remote {
    String echo(String text) throws RemoteException;
  }

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Rmi::server, Rmi::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    Echo object = text -> text;
    Registry registry = LocateRegistry.createRegistry(side.port());
    registry.bind("echo", UnicastRemoteObject.exportObject(object, side.port(1)));
    return () -> {
      registry.unbind("echo");
      UnicastRemoteObject.unexportObject(object, true);
      UnicastRemoteObject.unexportObject(registry, true);
    };
  }

  private static String client(Side side) throws Exception {
    Echo object = (Echo) LocateRegistry.getRegistry("127.0.0.1", side.port()).lookup("echo");
    for (int i = 0; i < CALLS; i++) {
      String text = "x".repeat(i * 10);
      Side.check(text.equals(object.echo(text)), "call " + i);
    }
    return CALLS + " calls";
  }
}
