using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Cli.Models;

/// <summary>The passports of all models of a folder. Foreign ones are loaded for it, because what they are is recognised then.</summary>
internal static class ModelPassports
{
    public static async Task<(IReadOnlyList<Passport> Passports, IReadOnlyList<string> Faults)> ReadAsync(ModelRepository repository, CancellationToken ct)
    {
        var passports = new List<Passport>();
        var faults = new List<string>(repository.Faults);
        foreach (var version in repository.Versions)
        {
            try
            {
                using var lease = version.Passport is null ? await repository.AcquireAsync(version.Name, version.Version, ct) : null;
                passports.Add(version.Passport ?? lease!.Model.Passport);
            }
            catch (InvalidInputException fault)
            {
                faults.Add(fault.Message);
            }
        }

        return (passports, faults);
    }
}
