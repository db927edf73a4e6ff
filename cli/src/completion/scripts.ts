/** Shells that completion can be had for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Each asks the very program that is being typed for candidates, one a line; where there are none, files of this machine are offered. */
const BASH = `# carnival completion for bash. Now: source <(carnival completion bash)
# For good: carnival completion bash > ~/.local/share/bash-completion/completions/carnival
_carnival() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _carnival carnival kubectl-carnival
`;

const ZSH = `#compdef carnival kubectl-carnival
# carnival completion for zsh. Now: source <(carnival completion zsh)
# For good: carnival completion zsh > "\${fpath[1]}/_carnival"
_carnival() {
  local -a candidates
  candidates=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=("\${(@)candidates:#}")
  if (( \${#candidates} )); then
    compadd -a candidates
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == _carnival ]]; then
  _carnival "$@"
else
  compdef _carnival carnival kubectl-carnival
fi
`;

const FISH = `# carnival completion for fish. Now: carnival completion fish | source
# For good: carnival completion fish > ~/.config/fish/completions/carnival.fish
function __carnival_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    $before[1] __complete -- $before[2..-1] "$current" 2>/dev/null
end
complete -c carnival -a '(__carnival_complete)'
complete -c kubectl-carnival -a '(__carnival_complete)'
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

export const completionScript = (shell: Shell): string => SCRIPTS[shell].trimEnd();
