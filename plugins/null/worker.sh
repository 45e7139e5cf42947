#!/bin/sh
# The renderer that renders nothing: a small picture for every frame, and misfortunes as the scene says.
#
#   sh worker.sh SCENE        commands on descriptor 3, answers on descriptor 4, a line each
#
#   to it     open        from it   hello 1
#             frame FRAME ATTEMPT PATH        opened WIDTH HEIGHT PATTERN
#             quit                            rendered FRAME ATTEMPT
#                                             failed FRAME ATTEMPT MESSAGE
#                                             refused CODE MESSAGE
#
# A scene is a text file. Lines that begin with # and empty ones mean nothing; the others are
#
#   size WIDTH HEIGHT         4 2 where nothing is said; no side above 255
#   output PATTERN            //render/n_ where nothing is said
#   refuse CODE MESSAGE       instead of opening
#   start ACTION              instead of opening
#   end ACTION                instead of ending, when it is told to
#   FRAME[.ATTEMPT] ACTION    in the place of the picture; the first line that fits counts; * is every frame
#
# Actions:  crash          killed by a signal          exit N     ends by itself
#           hang           silent for ever             spin       computes for ever
#           fail MESSAGE   says that it failed         lie        says that it rendered, without a file
#           empty          an empty file               cut        a file that is cut short
#           wide           a picture of another size   extra      one file more
#           slow SECONDS   a good picture, later       print TEXT a good picture, and a line in the log
#           after FILE     a good picture as soon as there is such a file
#
# Pictures are BMP, since a shell can write them: frame and attempt are their first bytes.

scene=$1
width=4 height=2 output=//render/n_
rules=
refusal=
start=
end=

answer() { printf '%s\n' "$*" >&4; }

while read -r word rest; do
  case $word in
    '' | '#'*) ;;
    size) width=${rest% *} height=${rest#* } ;;
    output) output=$rest ;;
    refuse) refusal=$rest ;;
    start) start=$rest ;;
    end) end=$rest ;;
    *) rules="$rules$word $rest
" ;;
  esac
done <"$scene"

# One byte of a number.
octal() { printf '\\%03o' $(($1 & 255)); }
little() { byte0=$(octal "$1"); byte1=$(octal $(($1 >> 8))); bytes="$byte0$byte1\\000\\000"; }

# header WIDTH HEIGHT: of a BMP with 24 bits a pixel; remembered.
header() {
  row=$((($1 * 3 + 3) / 4 * 4))
  little $((54 + row * $2)); length=$bytes
  little "$1"; wide=$bytes
  little "$2"; high=$bytes
  little $((row * $2)); size=$bytes
  head="BM$length\\000\\000\\000\\000\\066\\000\\000\\000\\050\\000\\000\\000$wide$high\\001\\000\\030\\000\\000\\000\\000\\000"
  head="$head$size\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000"
  body=
  count=$((row * $2 - 4))
  while [ $count -gt 0 ]; do body="$body\\177"; count=$((count - 1)); done
}

# picture PATH FRAME ATTEMPT
picture() {
  # shellcheck disable=SC2059
  printf "$head$(printf '\\%03o\\%03o\\%03o\\%03o' $(($2 & 255)) $(($2 >> 8 & 255)) $(($3 & 255)) 0)$body" >"$1"
}

# What happens in this attempt; empty: a picture.
action_of() {
  printf '%s' "$rules" | while read -r where what; do
    case $where in
      "$1" | "$1.$2" | '*' | "*.$2") printf '%s' "$what"; break ;;
    esac
  done
}

misfortune() {
  case $1 in
    crash) kill -SEGV $$ ;;
    exit) exit "$2" ;;
    hang) while :; do sleep 1000; done ;;
    spin) while :; do :; done ;;
  esac
}

answer hello 1
header "$width" "$height"
while read -r command frame attempt path; do
  case $command in
    open)
      # shellcheck disable=SC2086
      misfortune $start
      if [ -n "$refusal" ]; then
        answer refused "$refusal"
        exit 0
      fi
      answer opened "$width" "$height" "$output"
      ;;
    quit)
      # shellcheck disable=SC2086
      misfortune $end
      exit 0
      ;;
    frame)
      printf 'Fra:%s\n' "$frame"
      action=
      [ -n "$rules" ] && action=$(action_of "$frame" "$attempt")
      # shellcheck disable=SC2086
      misfortune $action
      case $action in
        fail*) answer failed "$frame" "$attempt" "${action#fail }"; continue ;;
        lie) ;;
        empty) : >"$path" ;;
        cut) printf 'BM\377\377\000\000' >"$path" ;;
        wide) header $((width * 2)) "$height"; picture "$path" "$frame" "$attempt"; header "$width" "$height" ;;
        extra) picture "$path" "$frame" "$attempt"; picture "$path.extra.bmp" "$frame" "$attempt" ;;
        slow*) sleep "${action#slow }"; picture "$path" "$frame" "$attempt" ;;
        after*) until [ -e "${action#after }" ]; do sleep 0.02; done; picture "$path" "$frame" "$attempt" ;;
        print*) printf '%s\n' "${action#print }"; picture "$path" "$frame" "$attempt" ;;
        *) picture "$path" "$frame" "$attempt" ;;
      esac
      answer rendered "$frame" "$attempt"
      ;;
  esac
done <&3
exit 42  # the program is gone
