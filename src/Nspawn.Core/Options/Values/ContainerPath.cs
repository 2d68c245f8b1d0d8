namespace Nspawn.Core;

/// <summary>
/// An absolute path inside the container. Never with <c>..</c>: what it leads to is decided when it is resolved
/// beneath the tree's root, and a path that reads as one place must not be another.
/// </summary>
public static class ContainerPath
{
    private static readonly string[] s_apiFileSystems = ["/proc", "/sys", "/dev"];

    /// <summary>The path without doubled slashes, <c>.</c> and a slash at the end.</summary>
    public static string Parse(string text)
    {
        if (!text.StartsWith('/'))
        {
            throw new UsageException("expected an absolute path in the container");
        }

        string[] parts = [.. text.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".")];
        if (parts.Contains(".."))
        {
            throw new UsageException("expected a path in the container without '..'");
        }

        return "/" + string.Join('/', parts);
    }

    /// <summary>A path something is mounted on, which the root itself cannot be.</summary>
    public static string ParseMountPoint(string text)
    {
        string path = Parse(text);
        return path == "/" ? throw new UsageException("the container's root directory cannot be mounted over") : path;
    }

    /// <summary>
    /// A working directory; not in the kernel's own file systems, whose contents depend on who looks at them.
    /// </summary>
    public static string ParseWorkingDirectory(string text)
    {
        string path = Parse(text);
        foreach (string api in s_apiFileSystems)
        {
            if (path == api || path.StartsWith(api + "/", StringComparison.Ordinal))
            {
                throw new UsageException($"a working directory cannot be below {api}");
            }
        }

        return path;
    }
}
