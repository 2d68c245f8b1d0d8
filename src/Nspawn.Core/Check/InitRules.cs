using Nspawn.Linux;
using static Nspawn.Core.FindingKinds;

namespace Nspawn.Core;

/// <summary>Whether there is an init, and whether this host can execute it.</summary>
internal static class InitRules
{
    public static IEnumerable<Finding> Of(TreeSurvey survey, HostFacts host)
    {
        TreeFacts tree = survey.Tree;
        if (!tree.HasUsr)
        {
            yield return NoUsr.With("there is no directory /usr: this is no OS tree");
        }

        foreach (string name in tree.BlockedMountPoints)
        {
            yield return MountPointBlocked.With($"/{name} is not a directory: the launcher refuses the tree");
        }

        string[] missing = [.. TreeReader.MountPoints.Where(name => !tree.RootEntries.Contains(name)).Select(name => "/" + name)];
        if (missing.Length > 0 && tree.HasUsr)
        {
            yield return MountPointMissing.With($"there is no directory {string.Join(", ", missing)}: it cannot be booted read-only");
        }

        foreach (Finding finding in OfPrograms(survey).Concat(OfSystemd(survey, host)))
        {
            yield return finding;
        }
    }

    private static IEnumerable<Finding> OfPrograms(TreeSurvey survey)
    {
        if (survey.Init.IsEmpty)
        {
            yield return survey.DanglingInit is (string path, string target)
                ? InitDangling.With($"{path} leads to {target}, which is not there, and there is no other init")
                : InitMissing.With($"there is no init: neither {string.Join(", ", TreeReader.InitPaths)}");
            yield break;
        }

        foreach (TreeProgram program in survey.Init)
        {
            if (OfProgram(program) is Finding finding)
            {
                yield return finding;
            }
        }
    }

    private static Finding? OfProgram(TreeProgram program)
    {
        if (program.Type != FileType.Regular || !program.IsExecutable)
        {
            return InitNotExecutable.With($"{program.Path} is {(program.Type == FileType.Regular ? "not executable" : "no file")}");
        }

        if (program.IsUnreadable)
        {
            return null; // counted among what could not be read
        }

        if (program is { Elf: null, ScriptInterpreter: null or "" })
        {
            return program.Emulators.IsEmpty ? InitFormat.With($"{program.Path} is neither an ELF program nor a script") : Emulated(program, "no program of this kernel's");
        }

        if (program.Elf is { IsNative: false } elf)
        {
            return program.Emulators.IsEmpty
                ? InitArchitecture.With($"{program.Path} is for {elf.MachineName}, this host is x86-64 and has no emulator registered for it")
                : Emulated(program, $"for {elf.MachineName}");
        }

        return program.HasInterpreter ? null : InitInterpreter.With($"{program.Path} needs {program.Interpreter}, which is not there");
    }

    private static Finding Emulated(TreeProgram program, string why)
    {
        BinaryFormat format = program.Emulators[0];
        return !program.HasEmulator
            ? InitInterpreter.With($"{program.Path} is {why}, and its emulator {format.Interpreter} is not in the tree", "register the emulator with the flag F, or copy it into the tree")
            : InitEmulated.With($"{program.Path} is {why}, and runs by {format.Interpreter}");
    }

    private static IEnumerable<Finding> OfSystemd(TreeSurvey survey, HostFacts host)
    {
        if (survey.Tree.SystemdVersion is int version)
        {
            // The launcher mounts cgroup2 for newer ones wherever it is missing.
            if (version < PlanInput.FirstSystemdWithCgroup2 && !host.HasCgroupV1)
            {
                yield return SystemdCgroup.With($"its systemd {version} knows cgroup version 1 only, which this host's kernel does not have");
            }
        }
        else if (survey.Tree.InitProgram == "systemd")
        {
            yield return SystemdVersionUnknown.With("its init is systemd, and nothing tells the version");
        }
    }
}
