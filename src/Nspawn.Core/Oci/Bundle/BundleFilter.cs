using System.Collections.Immutable;
using System.Text;

namespace Nspawn.Core;

/// <summary>The system call filter of a bundle, in the words of <c>--system-call-filter=</c>.</summary>
internal static class BundleFilter
{
    /// <exception cref="OciException">It says what those words cannot.</exception>
    public static (ImmutableArray<string> Allow, ImmutableArray<string> Deny) Read(BundleSeccomp seccomp)
    {
        bool allows = Allows(seccomp.DefaultAction);
        HashSet<string> named = [];
        foreach (BundleSyscalls rule in (seccomp.Syscalls ?? []).OfType<BundleSyscalls>())
        {
            if (Allows(rule.Action) == allows)
            {
                continue; // says again what holds for all
            }

            string[] names = [.. (rule.Names ?? []).OfType<string>()];
            if (rule.Args is [_, ..])
            {
                throw new OciException($"its linux.seccomp has a rule for {Message.Printable(names.FirstOrDefault("nothing"))} that looks at arguments, which cannot be done; take it out, and the launcher's own filter is used");
            }

            named.UnionWith(names);
        }

        return allows ? ([.. All()], [.. named]) : ([.. named], [.. All().Except(named)]);
    }

    private static bool Allows(string? action) => action switch
    {
        "SCMP_ACT_ALLOW" or "SCMP_ACT_LOG" => true,
        "SCMP_ACT_ERRNO" or "SCMP_ACT_KILL" or "SCMP_ACT_KILL_PROCESS" or "SCMP_ACT_KILL_THREAD" or "SCMP_ACT_TRAP" => false,
        _ => throw new OciException($"its linux.seccomp has the action {Message.Printable(action ?? "null")}, which cannot be done"),
    };

    private static HashSet<string> All()
    {
        HashSet<string> names = [];
        for (SyscallSection section = 0; section <= SyscallTable.Last; section++)
        {
            foreach (SyscallRows row in SyscallTable.Rows(section))
            {
                _ = names.Add(Encoding.ASCII.GetString(row.Name));
            }
        }

        return names;
    }
}
