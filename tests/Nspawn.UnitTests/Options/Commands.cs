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

    public static Settings Launch(params string[] args) => Assert.IsType<ParsedCommandLine.Launch>(Parse(args)).Settings;

    /// <summary>The words of a line of shell without quoting.</summary>
    public static Settings LaunchLine(string line) => Launch(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public static string Refusal(params string[] args) => Assert.Throws<UsageException>(() => Parse(args)).Message;

    /// <summary>A parser refuses, in one line.</summary>
    public static void Refused(Func<object?> parse)
    {
        UsageException refusal = Assert.Throws<UsageException>(parse);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.NotEmpty(refusal.Message);
    }
}
