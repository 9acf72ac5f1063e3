using Serve.Training.Models.Layers;
using static TorchSharp.torch;
using OptimizerOptions = Serve.Training.Recipes.OptimizerOptions;
using Parameter = TorchSharp.Modules.Parameter;

namespace Serve.Training.Optimization;

/// <summary>A parameter and how it is changed.</summary>
/// <param name="Name">Its key in the state dictionary.</param>
/// <param name="Parameter">The parameter.</param>
/// <param name="Role">What it is in its layer.</param>
/// <param name="WeightDecay">Its weight decay.</param>
/// <param name="RateFactor">Its learning rate over the step's.</param>
public sealed record ParameterGroup(string Name, Parameter Parameter, ParameterRole Role, double WeightDecay, double RateFactor);

/// <summary>Finds out what each parameter is.</summary>
internal static class ParameterGroups
{
    /// <summary>Every parameter that needs a gradient, once, in the module's order.</summary>
    public static IReadOnlyList<ParameterGroup> Of(nn.Module root, OptimizerOptions options)
    {
        var roles = new Dictionary<IntPtr, ParameterRole>();
        foreach (var module in root.modules().Prepend(root))
        {
            foreach (var (name, parameter) in module.named_parameters(recurse: false))
                roles[parameter.Handle] = RoleOf(module, name, parameter);
        }

        return
        [
            .. root.named_parameters().Where(entry => entry.parameter.requires_grad)
                .Select(entry => Describe(entry.name, entry.parameter, roles[entry.parameter.Handle], options)),
        ];
    }

    // By the kind of layer: names and numbers of dimensions alone do not tell a norm's shift from a bias.
    private static ParameterRole RoleOf(nn.Module module, string name, Parameter parameter)
    {
        if (module is NormLayer)
            return ParameterRole.Norm;
        if (parameter.dim() > 1)
            return module is IAdderWeights ? ParameterRole.Adder : ParameterRole.Weight;
        return name == "bias" ? ParameterRole.Bias : ParameterRole.Scale;
    }

    private static ParameterGroup Describe(string name, Parameter parameter, ParameterRole role, OptimizerOptions options) => new(
        name, parameter, role,
        role switch
        {
            ParameterRole.Weight or ParameterRole.Adder => options.WeightDecay,
            ParameterRole.Norm => options.NormDecay,
            ParameterRole.Bias => options.BiasDecay ?? options.WeightDecay,
            _ => 0,
        },
        role == ParameterRole.Bias ? options.BiasRate : 1);
}
