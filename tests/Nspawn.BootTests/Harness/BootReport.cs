namespace Nspawn.BootTests;

/// <summary>A service put into a Debian tree that waits for the end of the boot, prints a script's output on the console and powers off.</summary>
internal static class BootReport
{
    private const string Begin = "<<< report";
    private const string End = ">>> report";

    /// <summary>Prints the state of the system, a line for each failed unit, and the version of systemd.</summary>
    public const string SystemState = """
        printf 'state=%s\n' "$(systemctl is-system-running --wait)"
        systemctl list-units --failed --plain --no-legend | sed 's/^\([^ ]*\).*/failed=\1/'
        printf 'SYSTEMD_VERSION=%s\n' "$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')"
        """;

    public static Scratch InjectInto(Scratch scratch, string script, string ending = "systemctl poweroff")
    {
        // Not Type=oneshot: the boot would wait for a service that waits for the boot.
        scratch.Write("/etc/systemd/system/boot-report.service", """
            [Unit]
            Description=Reports on the boot and ends it
            [Service]
            ExecStart=/boot-report
            """);
        scratch.Link("/etc/systemd/system/multi-user.target.wants/boot-report.service", "../boot-report.service");
        // A login prompt discards what is on its way to the console at the moment it starts.
        scratch.Link("/etc/systemd/system/console-getty.service", "/dev/null");
        return scratch.WriteProgram("/boot-report", $"""
            #!/bin/sh
            systemctl is-system-running --wait >/dev/null
            report=$({script}
            )
            printf '\n{Begin}\n%s\n{End}\n' "$report" >/dev/console
            {ending}

            """);
    }

    /// <summary>The report's lines; none if it was never printed.</summary>
    public static string[] In(Outcome outcome)
    {
        string text = outcome.Text;
        int begin = text.IndexOf(Begin + "\n", StringComparison.Ordinal);
        int end = text.IndexOf("\n" + End, StringComparison.Ordinal);
        return begin < 0 || end < begin ? [] : text[(begin + Begin.Length + 1)..end].Split('\n');
    }
}
