namespace Nspawn.Core;

/// <summary>What keeps ordinary users from making user namespaces, and the switch that would let them.</summary>
/// <param name="UnprivilegedClone">kernel.unprivileged_userns_clone, of Debian's kernels; null: there is none.</param>
/// <param name="Most">user.max_user_namespaces; null: the kernel has no user namespaces.</param>
/// <param name="AppArmorRestricts">kernel.apparmor_restrict_unprivileged_userns, of Ubuntu's kernels.</param>
/// <param name="Profile">The AppArmor profile of this process.</param>
public sealed record NamespaceBan(string? UnprivilegedClone, string? Most, string? AppArmorRestricts, string? Profile)
{
    public static NamespaceBan Read()
    {
        string? restricts = Line("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
        return new NamespaceBan(
            Line("/proc/sys/kernel/unprivileged_userns_clone"), Line("/proc/sys/user/max_user_namespaces"), restricts,
            restricts is null ? null : Line("/proc/self/attr/current"));
    }

    /// <summary>What forbids it, and what to do; null: nothing that is known of.</summary>
    public string? Reason(string program) =>
        UnprivilegedClone == "0" ? "this host lets root only make user namespaces; allow it with sysctl kernel.unprivileged_userns_clone=1, or start nspawn as root"
        : Most is null ? "this kernel has no user namespaces (CONFIG_USER_NS); start nspawn as root"
        : Most == "0" ? "this host allows no user namespaces; allow them with sysctl user.max_user_namespaces=10000, or start nspawn as root"
        : AppArmorRestricts == "1" && Profile is (null or "unconfined")
            ? $"AppArmor of this host takes the rights from user namespaces of ordinary users; give {program} a profile with \"userns,\", or set sysctl kernel.apparmor_restrict_unprivileged_userns=0, or start nspawn as root"
        : null;

    private static string? Line(string path) => HostReader.ReadText(path)?.Trim('\n', '\0', ' ');
}
