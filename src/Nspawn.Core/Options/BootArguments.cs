namespace Nspawn.Core;

/// <summary>
/// The operands of a boot read as the kernel reads its command line: <c>KEY=VALUE</c> goes to init's environment,
/// everything else, and what has a dot in its key (<c>systemd.unit=</c>), to its arguments.
/// </summary>
public static class BootArguments
{
    public static Settings Split(Settings settings)
    {
        if (settings.Mode != StartMode.Boot)
        {
            return settings;
        }

        List<string> environment = [.. settings.Environment];
        List<string> arguments = [];
        foreach (string operand in settings.Arguments)
        {
            int equals = operand.IndexOf('=');

            // A name with a dash could not be a variable; init looks for it with an underscore.
            string name = equals < 0 ? "" : operand[..equals].Replace('-', '_');
            if (EnvironmentAssignment.IsName(name))
            {
                environment.Add(name + operand[equals..]);
            }
            else
            {
                arguments.Add(operand);
            }
        }

        return settings with { Environment = [.. environment], Arguments = [.. arguments] };
    }
}
