using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>Command lines as a caller in /home/joe with a small environment gives them.</summary>
internal static class Commands
{
    public static readonly OptionContext Context = new(
        name => name switch
        {
            "LANG" => "C.UTF-8",
            "CREDENTIALS_DIRECTORY" => "/run/credentials/x.service",
            _ => null,
        },
        "/home/joe");

    public static ParsedCommandLine Parse(params string[] args) => CommandLine.Parse(args, "nspawn", Context);

    public static Settings Launch(params string[] args) => Settled(Assert.IsType<ParsedCommandLine.Launch>(Parse(args)).Request).Settings;

    /// <summary>What command line and settings file make together; without a file when it is null.</summary>
    public static Agreement Settled(Request request, SettingsFile? file = null) => request.With(file);

    /// <summary>The words of a line of shell without quoting.</summary>
    public static Settings LaunchLine(string line) => Launch(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public static string Refusal(params string[] args) => Assert.Throws<UsageException>(() => Complete(Parse(args))).Message;

    /// <summary>To the end, where contradictions between options are found.</summary>
    public static void Complete(ParsedCommandLine parsed)
    {
        if (parsed is ParsedCommandLine.Launch launch)
        {
            _ = Settled(launch.Request);
        }
    }

    /// <summary>A parser refuses, in one line.</summary>
    public static void Refused(Func<object?> parse)
    {
        UsageException refusal = Assert.Throws<UsageException>(parse);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.NotEmpty(refusal.Message);
    }
}
