using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>A launcher of an ordinary user: root of a user namespace, and nobody in particular on the host.</summary>
public static class Rootless
{
    private const string RuntimeVariable = "XDG_RUNTIME_DIR";

    /// <summary>
    /// It is root in its own user namespace, but the mounts it sees belong to another: the host's, which it came from. Root
    /// of a container has mounts of the container's. Asked once, before the launcher makes a namespace of its own.
    /// </summary>
    public static bool IsSo { get; } = Processes.EffectiveUid == 0 && IdReader.OwnIds is not null && !UserNamespaces.OwnsMounts();

    /// <summary>Where a user's runs keep things; null: the user has no such directory.</summary>
    /// <param name="environment">The launcher's.</param>
    /// <param name="uid">The user, as the host numbers it.</param>
    public static string? RuntimeDirectory(Func<string, string?> environment, uint uid)
    {
        if (environment(RuntimeVariable) is ['/', ..] given)
        {
            return given;
        }

        string usual = $"/run/user/{uid}";
        return HostAccess.CanWrite(usual) ? usual : null;
    }

    /// <summary>The user that the namespace's root is outside of it; else the user itself.</summary>
    public static uint OuterUid() =>
        IdReader.OwnIds?.Uids.FirstOrDefault(one => one.Inside == 0).Outside is uint outside && Processes.EffectiveUid == 0
            ? outside
            : Processes.EffectiveUid;
}
