package io.twinport.it.apps;

import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.UnicastRemoteObject;

/** An RMI registry with one object. Arguments: the registry's port and the object's. */
public final class RmiServer implements RemoteEcho {
  private RmiServer() {}

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    Registry registry = LocateRegistry.createRegistry(Integer.parseInt(arguments[0]));
    RmiServer echo = new RmiServer();
    registry.bind(NAME, UnicastRemoteObject.exportObject(echo, Integer.parseInt(arguments[1])));
    new Console().serve("ports=" + arguments[0] + "," + arguments[1]);
    UnicastRemoteObject.unexportObject(echo, true);
    UnicastRemoteObject.unexportObject(registry, true);
  }

  @Override
  public byte[] echo(byte[] bytes) {
    return bytes;
  }

  @Override
  public int count(Callback callback, int times) throws RemoteException {
    int number = 0;
    for (int i = 0; i < times; i++) {
      number = callback.next(number);
    }
    return number;
  }
}
