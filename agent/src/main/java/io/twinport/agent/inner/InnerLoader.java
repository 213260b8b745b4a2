package io.twinport.agent.inner;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.AllPermission;
import java.security.CodeSource;
import java.security.Permissions;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Loads what stands on native code, from the {@code inner/} entries of the agent's jar.
 *
 * <p>What is in there is taken from there, even if the application has a JNR-FFI of its own; the
 * rest, the SPI above all, comes from the parent. Classes defined here have all permissions.
 */
final class InnerLoader extends ClassLoader {
  private static final String ROOT = JarBytes.INNER;
  private static final String CLASS = ".classdata";

  static {
    registerAsParallelCapable();
  }

  private final JarBytes jar;
  private final String jarUrl;
  private final ProtectionDomain domain;
  private final Set<String> packages;
  private final Set<String> names;

  /**
   * A loader of what is in {@code jar}, which was read from {@code file}.
   *
   * @throws IOException if the jar can't be read
   */
  InnerLoader(JarBytes jar, Path file, ClassLoader parent) throws IOException {
    super("twinport", parent);
    this.jar = jar;
    URI location = file.toUri();
    jarUrl = "jar:" + location + "!/";
    Permissions all = new Permissions();
    all.add(new AllPermission());
    CodeSource source = new CodeSource(location.toURL(), (Certificate[]) null);
    domain = new ProtectionDomain(source, all, this, null);
    names = jar.innerNames();
    packages = packagesOf(names);
  }

  private static Set<String> packagesOf(Set<String> names) {
    Set<String> packages = new HashSet<>();
    for (String name : names) {
      if (name.endsWith(CLASS)) {
        packages.add(name.substring(ROOT.length(), name.lastIndexOf('/')).replace('/', '.'));
      }
    }
    return packages;
  }

  /** The packages that are loaded from here and from nowhere else. */
  Set<String> packages() {
    return packages;
  }

  /**
   * The classes that {@code inner/META-INF/services} names for a service.
   *
   * @throws IOException if the jar can't be read
   */
  List<String> serviceProviders(String service) throws IOException {
    byte[] text = jar.read(ROOT + "META-INF/services/" + service);
    if (text == null) {
      return List.of();
    }
    // No streams, no patterns: their first use costs milliseconds, and this may be it.
    List<String> names = new ArrayList<>();
    for (String line : new String(text, StandardCharsets.UTF_8).split("\n")) {
      int comment = line.indexOf('#');
      String name = (comment < 0 ? line : line.substring(0, comment)).strip();
      if (!name.isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    int dot = name.lastIndexOf('.');
    if (dot < 0 || !packages.contains(name.substring(0, dot))) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        loaded = findClass(name);
      }
      if (resolve) {
        resolveClass(loaded);
      }
      return loaded;
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    byte[] bytes;
    try {
      bytes = jar.read(ROOT + name.replace('.', '/') + CLASS);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
    if (bytes == null) {
      throw new ClassNotFoundException(name);
    }
    return define(name, bytes);
  }

  private Class<?> define(String name, byte[] bytes) {
    return defineClass(name, bytes, 0, bytes.length, domain);
  }

  /** How a class in our named module is found by name, where its module is asked for it. */
  @Override
  protected Class<?> findClass(String moduleName, String name) {
    try {
      return loadClass(name, false);
    } catch (ClassNotFoundException e) {
      return null; // The contract's way to say so.
    }
  }

  @Override
  public URL getResource(String name) {
    URL own = findResource(name);
    return own != null ? own : super.getResource(name);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    List<URL> all = new ArrayList<>();
    URL own = findResource(name);
    if (own != null) {
      all.add(own);
    }
    all.addAll(Collections.list(getParent().getResources(name)));
    return Collections.enumeration(all);
  }

  @Override
  public InputStream getResourceAsStream(String name) {
    byte[] bytes;
    try {
      bytes = jar.read(ROOT + name);
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
    return bytes == null ? super.getResourceAsStream(name) : new ByteArrayInputStream(bytes);
  }

  @Override
  protected URL findResource(String moduleName, String name) {
    return findResource(name);
  }

  @Override
  protected URL findResource(String name) {
    if (!names.contains(ROOT + name)) {
      return null;
    }
    try {
      return URI.create(jarUrl + ROOT + name).toURL();
    } catch (MalformedURLException | IllegalArgumentException e) {
      return null; // A name that no URL can hold names nothing of ours.
    }
  }
}
